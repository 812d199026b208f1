"""A scene of the story -> the script of its call, turn by turn.

A call goes: opening, problem, (the agent's first guess), (paraphrase), question and detail, solution, question,
ending. Whether and where the customer is cut off, and what is left out, stands in the scene's plan.
"""

from maker.script import CallScript, Manner, TurnScript
from maker.story import CUT_HERE, Scene

CUT_IN_S = (-0.45, -0.28)  # of the cut turn's end: so long do both talk
CUSTOMER_REPLY_S = (0.25, 0.6)
UPSET_REPLY_S = (0.2, 0.4)
PAUSE_S = (0.35, 0.6)
LEVELS_DB, NOISES_DB = (-25.0, -20.0), (-62.0, -54.0)
ANGRY = {"rate": 1.08, "pitch_st": 2.0, "contour": 1.3, "level_db": 6.0}
ANGRY_SPEECH_DB = -27.0  # leaves room for the shouting
BACKCHANNEL_DB = -5.0
BEFORE_COMMA, AFTER_COMMA = 5, 4  # words around a place where a backchannel fits


def script_of(scene: Scene) -> CallScript:
    """Everything that is said and happens in one call."""
    special = scene.special
    speech_db = ANGRY_SPEECH_DB if special.angry else scene.between(*LEVELS_DB, "level")
    return CallScript(
        name=scene.name,
        title=scene.customer.title,
        language=scene.language,
        speakers={
            "agent": Manner(scene.agent.voice, rate=scene.agent.rate),
            "customer": Manner(scene.customer_voice, **(ANGRY if special.angry else {})),
        },
        turns=(*_opening(scene), *_problem(scene), *_grasp(scene), *_detail(scene), *_solution(scene), *_ending(scene)),
        speech_db=speech_db,
        noise_db=scene.between(*NOISES_DB, "noise"),
        leak_db=special.leak_db,
        mono=special.mono,
    )


def cuts_first(scene: Scene) -> bool:
    """The customer is cut off while telling the problem."""
    return scene.plan.cut_ins == 2 or (scene.plan.cut_ins == 1 and scene.pick((True, False), "place"))


def cuts_second(scene: Scene) -> bool:
    """The customer is cut off while answering."""
    return scene.plan.cut_ins == 2 or (scene.plan.cut_ins == 1 and not cuts_first(scene))


def _opening(scene: Scene) -> list[TurnScript]:
    if scene.plan.opens:
        labels = ("greeting", "company", "name", "offer_of_help")
        return [_agent(scene, scene.pick(scene.agent.open_lines, "open"), *labels)]
    return [_agent(scene, scene.pick(scene.agent.short_lines, "open"), "company")]


def _problem(scene: Scene) -> list[TurnScript]:
    """The problem, cut off or heard to its end, and the first guess of an agent who does not ask first."""
    customer = scene.customer
    turns = _told(scene, f"{customer.problem} {customer.told}", "problem", cuts_first(scene))
    if cuts_first(scene):
        insisting = scene.pick(scene.lines["insisting"], "insist")
        turns.append(_cut_in(scene, customer.early, "instruction"))
        turns.append(_customer(scene, f"{insisting} {customer.resume}", "objection", reply_s=UPSET_REPLY_S))
    elif not scene.plan.understands:
        turns.append(_agent(scene, customer.early, "instruction"))
        turns.append(_customer(scene, customer.resume, "objection"))
    return turns


def _grasp(scene: Scene) -> list[TurnScript]:
    """Empathy and a paraphrase, where the agent has them to give."""
    customer, plan = scene.customer, scene.plan
    said = [customer.empathy] * plan.empathises + [customer.paraphrase] * plan.understands
    labels = ["empathy"] * plan.empathises + ["paraphrase", "check"] * plan.understands
    if not said:
        return []
    turns = [_agent(scene, " ".join(said), *labels)]
    if plan.understands:
        turns.append(_customer(scene, scene.pick(scene.lines["confirming"], "confirm"), "confirmation"))
    return turns


def _detail(scene: Scene) -> list[TurnScript]:
    asked = _agent(scene, scene.customer.ask, "open_question")
    return [asked, *_told(scene, f"{scene.customer.detail} {scene.customer.more}", "answer", cuts_second(scene))]


def _solution(scene: Scene) -> list[TurnScript]:
    """The solution, after a silence or a hold or into the customer's words; then the customer's question."""
    customer = scene.customer
    if cuts_second(scene):
        first = [_cut_in(scene, customer.solution, "solution"), _customer(scene, customer.again, "answer")]
        given = customer.rest
    else:
        first, given = _waiting(scene), f"{customer.solution} {customer.rest}"
    labels = ["solution"]
    if scene.special.hold_s:
        given, labels = f"{scene.pick(scene.lines['back_from_hold'], 'back')} {given}", ["hold_thanks", *labels]
    asked = customer.question
    if scene.plan.checks:
        given, labels = f"{given} {scene.pick(scene.lines['checks'], 'check')}", [*labels, "check"]
        asked = f"{scene.lines['accepting'][_same_place(scene)]} {asked}"
    return [*first, _agent(scene, given, *labels, **_after_silence(scene)), _customer(scene, asked, "question")]


def _ending(scene: Scene) -> list[TurnScript]:
    lines, agent = scene.lines, scene.agent
    turns = [
        _agent(scene, scene.customer.answer, "answer"),
        _customer(scene, scene.pick(lines["thanking"], "thank"), "thanks"),
    ]
    if not scene.plan.closes:
        return [*turns, _agent(scene, scene.pick(agent.abrupt_lines, "close"), "closing")]
    return [
        *turns,
        _agent(scene, scene.pick(lines["more_help"], "more"), "anything_else"),
        _customer(scene, scene.pick(lines["nothing_more"], "nothing"), "answer"),
        _agent(scene, scene.pick(agent.close_lines, "close"), "thanks", "closing"),
        _customer(scene, scene.pick(lines["goodbye"], "bye"), "closing"),
    ]


def _told(scene: Scene, text: str, label: str, cut: bool) -> list[TurnScript]:
    """A long turn of the customer: broken off at its mark, or with a backchannel where a clause ends."""
    before, _, rest = text.partition(f"{CUT_HERE} ")
    words = (before + rest).split()
    turn = _customer(
        scene, " ".join(words), label, id=label, cut_after_words=len(before.split()) if cut else 0,
        pause_s=scene.between(*PAUSE_S, label),
    )  # fmt: skip
    places = [
        n for n, word in enumerate(words, 1) if word.endswith(",") and BEFORE_COMMA <= n <= len(words) - AFTER_COMMA
    ]
    if cut or not places or not scene.plan.understands:
        return [turn]
    said = scene.pick(scene.lines["backchannels"], f"backchannel {label}")
    heard = TurnScript(
        "agent", said, into=label, at_word=places[-1], offset_s=0.04, level_db=BACKCHANNEL_DB,
        labels=("backchannel",), overlap="backchannel",
    )  # fmt: skip
    return [turn, heard]


def _waiting(scene: Scene) -> list[TurnScript]:
    """What is said before a hold."""
    if not scene.special.hold_s:
        return []
    return [
        _agent(scene, scene.pick(scene.lines["hold"], "hold"), "hold_announcement"),
        _customer(scene, scene.pick(scene.lines["waiting"], "wait"), "agreement"),
    ]


def _after_silence(scene: Scene) -> dict[str, object]:
    """How the solution's turn starts later than others."""
    if scene.special.hold_s:
        return {"offset_s": scene.special.hold_s, "silence": "hold", "announced": True, "music": True}
    if scene.special.silence_s:
        return {"offset_s": scene.special.silence_s, "silence": "dead_air", "announced": False}
    return {}


def _same_place(scene: Scene) -> int:
    """Which answer goes with the question that was asked."""
    return scene.lines["checks"].index(scene.pick(scene.lines["checks"], "check"))


def _cut_in(scene: Scene, text: str, label: str) -> TurnScript:
    return TurnScript(
        "agent", text, offset_s=scene.between(*CUT_IN_S, text), level_db=1.0, labels=(label,), overlap="interruption"
    )


def _agent(scene: Scene, text: str, *labels: str, **more: object) -> TurnScript:
    return TurnScript("agent", text, labels=labels, **{"offset_s": scene.between(*scene.agent.reply_s, text), **more})


def _customer(
    scene: Scene, text: str, label: str, reply_s: tuple[float, float] = CUSTOMER_REPLY_S, **more: object
) -> TurnScript:
    return TurnScript("customer", text, offset_s=scene.between(*reply_s, text), labels=(label,), **more)
