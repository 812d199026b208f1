"""What people add to the calls of a store: who they are, what they hear, what they say of a finding, what they aim at.

A call that is analysed or judged again keeps all of it: a finding's id is the same as long as it tells the same moment.
"""
