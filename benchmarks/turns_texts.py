"""What the made calls of `turns.py` say: two halves that share no sentence, one to tune on and one to report on.

A " / " stands where a sentence could end although it goes on; nobody is cut off there. Numbers are written as words,
because the voices pair each word with its phonemes. Prompts are names of Debian's recordings with their text, marked
in the same way.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Texts:
    """One half.

    `statements` hold the floor, `takers` come in and go on, `questions` end in a question that `answers` answer.
    `searches` are (what breaks off in search of a word, the word that the other supplies, how it is taken up);
    `checks` are (a statement, its words that the other repeats or says along).
    """

    statements: tuple[str, ...]
    takers: tuple[str, ...]
    questions: tuple[str, ...]
    answers: tuple[str, ...]
    tokens: tuple[str, ...]
    searches: tuple[tuple[str, str, str], ...]
    checks: tuple[tuple[str, str], ...]
    announced: tuple[str, ...]  # interruptions that ask leave
    waits: tuple[str, ...]  # announcements of a silence


TUNING = Texts(
    statements=(
        "I called the garage twice / last week and they told me that the part would come on Friday / morning.",
        "My daughter tried to log in / with the new password but the page only showed a white screen / all day.",
        "The driver left the parcel / with a neighbour who moved away / two months ago and nobody has seen it.",
        "We ordered the blue sofa / in April and they delivered a grey one / with a broken leg.",
        "I would like to change the address / on my account because I am moving to another city / next month.",
        "The first invoice was correct / but the second one had a fee / that nobody explained to me.",
        "You can find the serial number / on the label under the battery / or on the side of the box.",
        "Our technician will check the cable / in your street and then he will ring the bell / at your door.",
        "When the light turns red / you have to press the button on the back / for about ten seconds.",
        "The refund goes to the card / that you used and it usually takes five working days / to arrive.",
        "I was on holiday / in Spain when my phone stopped working / and I could not reach anybody.",
        "The contract runs until the end of the year / and you may cancel it four weeks / before that.",
        "Every evening the picture freezes / for a minute and then the sound comes back / without the picture.",
        "My husband paid the bill / at the counter but the shop has no record / of the payment.",
        "The insurance covers the damage / to your car if the other driver gave you a name / and a number.",
        "I sent you the form / by email on Monday and I still have not received an answer / from anyone.",
        "We can offer you a discount / of ten percent for the next three months / if you stay with us.",
        "The heating makes a loud noise / in the night and the children cannot sleep / in their room.",
    ),
    takers=(
        "Have you tried to restart the router before you called us?",
        "You need to fill in the form on our website first.",
        "That is not what your colleague promised me on the phone.",
        "Let me tell you about the other plan that we have.",
        "But I never signed anything like that in my life.",
        "What is the number of your contract, please?",
        "No, the payment was made in cash at the desk.",
        "Look, I only want to know when the money comes back.",
        "We already sent you a letter about this in March.",
        "Okay, but the machine was broken when it arrived here.",
        "Did you keep the receipt from the shop that day?",
        "I have heard that story three times since yesterday.",
    ),
    questions=(
        "Could you tell me the name that is on the account?",
        "And did the light on the box turn green after that?",
        "When did you send the parcel back to our warehouse?",
        "Is there anybody else who uses the card in your house?",
        "Which of the two phones would you like to keep?",
    ),
    answers=(
        "Yes, it did.",
        "Yeah, my wife uses it as well.",
        "It was the second of May, I think.",
        "No, there is nobody else.",
        "Right, the black one with the big screen.",
    ),
    tokens=("Mm-hmm.", "Yeah.", "Okay.", "Right.", "Uh-huh.", "Oh, okay.", "I see.", "Mm-hmm, okay.", "Yes.", "Sure."),
    searches=(
        (
            "And then I had to find that little thing, the, um,",
            "The adapter?",
            "Yes, the adapter, it was not in the box.",
        ),
        (
            "What about the paper from the plumber, the, uh,",
            "The invoice?",
            "Right, the invoice, shall I send it to you?",
        ),
        ("She said that I should talk to your, um,", "Supervisor?", "Exactly, the supervisor of the night shift."),
        ("It comes with one of those long black, uh,", "Cables?", "Cables, yes, and mine is too short."),
        ("I could not read the number on the, um,", "The label?", "Yeah, the label, it was torn."),
    ),
    checks=(
        ("It is a twenty nineteen model / and I bought it from you back then.", "twenty nineteen"),
        ("The order was for seven chairs / and only four of them were in the van.", "seven chairs"),
        ("They told me to call on Thursday / because the office is closed before that.", "Thursday"),
        ("I paid ninety pounds / for the repair and it broke again.", "ninety pounds"),
    ),
    announced=(
        "Sorry to interrupt, please do not tell me the card number.",
        "Excuse me, may I stop you there for a second?",
        "I am sorry to cut in, but the line is very bad.",
        "Sorry to interrupt you, I can already see it on my screen.",
    ),
    waits=(
        "One moment, please, while I open your account.",
        "Bear with me, I am going to check that for you.",
        "Let me put you on hold for a minute.",
    ),
)

HELD_OUT = Texts(
    statements=(
        "The washing machine stopped / in the middle of the program and the water ran into the kitchen / below us.",
        "I booked two seats / by the window and they gave me one / at the back next to the toilet.",
        "The doctor wrote the letter / in January but the hospital says it never came / to their office.",
        "My neighbour has the same box / and his connection works / while mine drops every ten minutes.",
        "You will get a message / with a code that you have to enter / on the second page.",
        "They took the money / from my savings account although I had asked them / to use the other one.",
        "If you open the menu / you will see a small wheel in the corner / of the screen.",
        "The flat was empty / for three months and we still got a bill / for gas and water.",
        "I have been a member / for twelve years and I have never missed a payment / until this spring.",
        "The man at the desk promised / that somebody would ring me / before the weekend.",
        "We looked at your meter / on Tuesday and the numbers do not match the ones / in our system.",
        "My son dropped the tablet / on the stairs and now the corner of the glass is broken / and sharp.",
        "The guarantee ended / in June but we can repair it / for half of the usual price.",
        "There was a storm / on Sunday and since then the phone makes a strange sound / when I call.",
        "Your new card is on its way / and you can use the old one / until the end of the month.",
        "The hotel cancelled my room / an hour before I arrived / and nobody would help me.",
        "I tried the chat / on your website for an hour and a robot gave me the same answer / every time.",
        "The engineer needs to get into the cellar / so please make sure that somebody has the key / with them.",
    ),
    takers=(
        "How many times did you enter the wrong code?",
        "You should have told us about that in the first place.",
        "Wait, nobody ever mentioned an extra charge to me.",
        "So the best thing is to order another one today.",
        "Yes, but my brother got his money back in two days.",
        "Can I have the address of the flat again?",
        "I do not want a voucher, I want my money.",
        "Please go to the settings and choose the second line.",
        "Well, the letter says something completely different from that.",
        "Our records show that the parcel was delivered on Monday.",
        "Right, and who is going to pay for the damage?",
        "Is this going to take much longer than an hour?",
    ),
    questions=(
        "Have you got the reference from the letter in front of you?",
        "How long has the machine been making that sound?",
        "Would you prefer a call in the morning or in the evening?",
        "Do you still live at the address on the form?",
        "Who signed for the parcel when it was delivered?",
    ),
    answers=(
        "No, we moved in the autumn.",
        "Yes, I have it here.",
        "In the evening, after six.",
        "Yeah, since the end of March.",
        "Okay, it was my mother.",
    ),
    tokens=(
        "Mm-hmm.",
        "Yeah.",
        "Okay.",
        "Uh-huh.",
        "Oh, I see.",
        "Of course.",
        "Yeah, yeah.",
        "Oh dear.",
        "Got it.",
        "Hmm.",
    ),
    searches=(
        ("He said that the problem is in the, um,", "The engine?", "The engine, yes, something with a belt."),
        ("You have to take it to one of those, uh,", "Post offices?", "Yes, a post office, any of them will do."),
        (
            "I was looking for the lady from your, um,",
            "Billing team?",
            "That is it, the billing team, I have a question.",
        ),
        ("We need a copy of your, uh,", "Passport?", "Exactly, the passport, the page with the photo."),
        ("It is the one with the round green, um,", "Button?", "Button, yeah, on the left side."),
    ),
    checks=(
        ("My number ends with double six / and it begins with a zero.", "double six"),
        ("The train left at quarter past nine / so I missed the second one.", "quarter past nine"),
        ("We live in Brighton / since last summer and the mail still goes to London.", "Brighton"),
        ("It costs fourteen dollars / a month if you take both of them.", "fourteen dollars"),
    ),
    announced=(
        "Sorry to interrupt, but I have your file open now.",
        "Excuse me for interrupting, which town was that?",
        "Can I just stop you there, the system is asking for a date.",
        "I am sorry to interrupt, could you say that name again?",
    ),
    waits=(
        "Just a moment, let me look at your order.",
        "Hold on, this will take a minute or two.",
        "Give me a second while I pull that up.",
    ),
)

# Recorded human speech: Debian's asterisk-core-sounds-en-wav, Allison Smith, CC BY-SA 3.0. Name and what is said.
PROMPTS = (
    ("agent-newlocation", "Please enter a new extension, followed by pound."),
    ("agent-pass", "Please enter your password / followed by the pound key."),
    ("cannot-complete-as-dialed", "Your call cannot be completed / as dialed."),
    ("check-number-dial-again", "Please check the number / and dial again."),
    ("conf-getchannel", "Please enter the channel number / followed by the pound key."),
    ("conf-invalidpin", "That pin is invalid / for this conference."),
    ("conf-onlyone", "There is currently one other participant / in the conference."),
    ("conf-onlyperson", "You are currently the only person / in this conference."),
    ("conf-placeintoconf", "You will now be placed into the conference."),
    ("conf-waitforleader", "The conference will begin / when the leader arrives."),
    ("confbridge-lock-no-join", "The conference is currently locked / and cannot be joined."),
    ("confbridge-pin-bad", "You have entered too many invalid personal identification numbers."),
    ("confbridge-rest-talk-vol-out", "to reset your speaking volume / to the default level."),
    ("feature-not-avail-line", "That feature is not available / on this line."),
    ("followme/sorry", "I'm sorry, but I was unable to locate the person / you are calling."),
    ("privacy-unident", "The party you are trying to reach does not accept unidentified calls."),
    (
        "queue-youarenext",
        "Your call is now first in line / and will be answered / by the next available representative.",
    ),
    ("speed-dial-empty", "The speed dial entry you've accessed is empty."),
    ("vm-msgforwarded", "Your message has been successfully forwarded."),
    ("vm-newpassword", "Please enter your new password / followed by the pound key."),
    ("vm-nobox", "you cannot reply to this message / because the sender does not have a mailbox."),
    ("vm-rec-busy", "After the tone say your busy message / and then press the pound key."),
    ("vm-tempgreetactive", "Your temporary greeting is currently active."),
)
