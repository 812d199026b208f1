"""What only the agent may see of their own calls: a cue that asks for it, judged on the fly and kept nowhere.

Conventions: a cue names in AUDIENCES who may read it. Where that is the agent alone, it is shown to the agent who asked
for it (`person.private_cues`), on their own calls, and to nobody else, whatever the norms of a batch switch on. That
somebody asked is their own business too, so the audit log does not tell it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speechcoach import pipeline
from speechcoach.judgement import all_cues
from speechcoach.judgement.phrases import Sentence, explain
from speechcoach.records import Abstention, Finding, Result
from speechcoach.settings import Norms, Threshold
from speechcoach.web.doors import only
from speechcoach.web.pages import back_to, form, shop

ALONE = Markup('<p class="alone">For you alone: nobody else sees this.</p>')
"""What stands under a private finding, where others have a place to be answered."""
_ASKED = Threshold(1.0, "asked for by the agent", "d")


@cache
def private_cues() -> frozenset[str]:
    """The cues that are the agent's alone."""
    return frozenset(name for name, cue in all_cues().items() if getattr(cue, "AUDIENCES", ()) == ("agent",))


def own_result(request: Request, result: Result) -> Result:
    """The result as the person who asks may read it; who asks for a call has been let in before.

    To QA, and to an agent who did not ask, it holds nothing of the private cues, whatever was stored. To an agent who
    did, these cues are judged again from the stored facts; all else stays as it was judged.
    """
    public = without_private(result)
    if not _asked(request):
        return public
    findings, abstained = _judged_privately(request, result)
    return replace(
        public,
        findings=tuple(sorted((*public.findings, *findings), key=_in_time)),
        abstained=(*public.abstained, *abstained),
    )


def private_findings(result: Result) -> list[tuple[Finding, Sentence]]:
    """Of what `own_result` gave, the findings that are the agent's alone, in words; nothing for anybody else."""
    return [(item, explain(item, "agent")) for item in result.findings if item.cue in private_cues()]


def without_private(result: Result) -> Result:
    """The result without what concerns the agent alone, in what its scores rest on too."""
    hidden = private_cues()
    gone = {item.id for item in result.findings if item.cue in hidden}
    return replace(
        result,
        findings=tuple(item for item in result.findings if item.cue not in hidden),
        abstained=tuple(item for item in result.abstained if item.cue not in hidden),
        scores=tuple(replace(s, because=tuple(i for i in s.because if i not in gone)) for s in result.scores),
    )


@only("agent")
def choose(request: Request) -> Response:
    """Take what an agent wants to see."""
    wanted = form(request).get("private_cues") == "yes"
    shop(request).people.set_private_cues(request.state.person, wanted)
    return back_to("/account", "private-on" if wanted else "private-off")


def _asked(request: Request) -> bool:
    who = request.state.person
    return not who.is_qa and who.private_cues


def _judged_privately(request: Request, result: Result) -> tuple[list[Finding], list[Abstention]]:
    hidden, here = private_cues(), shop(request)
    norms = switched_on(Norms.load(result.facts.call.language, here.norms))
    judged = pipeline.judge(result.facts, norms, here.rubric)
    return [f for f in judged.findings if f.cue in hidden], [a for a in judged.abstained if a.cue in hidden]


def switched_on(norms: Norms) -> Norms:
    """The norms with every private cue switched on."""
    laid = {cue: {**norms.thresholds[cue], "enabled": _ASKED} for cue in private_cues()}
    return replace(norms, thresholds={**norms.thresholds, **laid})


def _in_time(item: Finding) -> tuple[float, str]:
    return (item.spans[0].start_s if item.spans else 0.0, item.id)


ROUTES = (Route("/account/private", choose, methods=["POST"]),)
