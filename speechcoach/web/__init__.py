"""The review application: a team's calls in the browser, for QA and for the agents themselves.

Conventions: pages are made on the server; every form works without a script, and htmx spares the reload where there is
one. A handler is a plain function of the request: Starlette runs it in a thread, for the store waits. Who asks is
`request.state.person`; a handler that is not for everybody says so with `doors.only`. What an agent may see is asked of
the store with their name in the question, never filtered afterwards.
"""

from speechcoach.web.application import Shop, application

__all__ = ["Shop", "application"]
