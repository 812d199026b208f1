"""Two calls in Spanish, written for these tests: one that is listened to, and a cold one with the same matter.

Truth is how they were written, before any phrase was tried on them.
"""

from __future__ import annotations

import pytest

from speechcoach.conversation import guess_roles
from speechcoach.conversation.overlaps import find_overlaps
from speechcoach.conversation.wording import stem, tokens
from speechcoach.judgement import judge_facts
from speechcoach.judgement.cues import before_solution
from speechcoach.judgement.solutions import advises
from speechcoach.records import Facts
from speechcoach.settings import Norms
from tests.talk import A, C, Line, talk

SPANISH = Norms.load("es")

PROBLEM = (
    "Hola, buenas tardes. Mire, es la tercera vez que llamo. El técnico tenía que venir el martes a reparar la nevera, "
    "no vino, y se me ha estropeado toda la comida. Estoy muy enfadada."
)
WARM = (
    Line(A, 1, 7, "Buenas tardes, Hogar Seguro, le atiende Pablo. ¿En qué puedo ayudarla?"),
    Line(C, 7.4, 22, PROBLEM),
    Line(A, 14.1, 14.5, "Ajá."),
    Line(A, 22.4, 30, "Siento mucho lo que ha pasado, entiendo que esté enfadada. ¿A qué hora la citaron?"),
    Line(C, 30.4, 35, "Me dijeron que de nueve a once, y pedí permiso en el trabajo."),
    Line(A, 35.4, 46, "Si la he entendido bien, el técnico no vino a reparar la nevera y perdió la comida. ¿Es así?"),
    Line(C, 46.3, 48, "Sí, exacto."),
    Line(A, 48.3, 52, "Permítame un momento, que reviso la cita."),
    Line(C, 52.2, 52.9, "Vale."),
    Line(A, 57.5, 66, "Gracias por esperar. El técnico puede ir mañana a las nueve. ¿Le viene bien?"),
    Line(C, 66.4, 70, "Sí, perfecto. ¿Y quién me paga la comida?"),
    Line(A, 70.4, 77, "La comida la paga el seguro: solo necesito una foto. ¿La puedo ayudar en algo más?"),
    Line(C, 77.3, 79, "No, nada más, muchas gracias."),
    Line(A, 79.3, 84, "Gracias a usted por su paciencia. Que pase una buena tarde."),
    Line(C, 84.3, 85, "Adiós."),
)  # fmt: skip
COLD = (
    Line(A, 1, 3, "Sí, número de póliza."),
    Line(C, 3.4, 20, PROBLEM),
    Line(A, 20.4, 26, "Pues tendría que haber llamado antes de las once. No puedo hacer nada."),
    Line(C, 26.4, 32, "Llamé a las diez y no contestó nadie. ¿Cuándo va a venir?"),
    Line(A, 35.2, 38, "El jueves."),
    Line(C, 38.4, 43, "El jueves no puedo, trabajo todo el día."),
    Line(A, 49.4, 55, "Pues es lo que hay. Le mando al técnico el jueves por la mañana."),
    Line(C, 55.3, 58, "No me parece bien."),
    Line(A, 58.4, 60, "Tome nota del número."),
)


def found(facts: Facts) -> dict[tuple[str, str], list[str]]:
    """Quotes by cue and variant, of the agent."""
    quotes: dict[tuple[str, str], list[str]] = {}
    for finding in judge_facts(facts, SPANISH)[0]:
        if finding.speaker == A:
            quotes.setdefault((finding.cue, finding.variant), []).append(finding.quote)
    return quotes


def kinds(text: str) -> set[str]:
    return {act.kind for turn in talk(Line(A, 1, 8, text), norms=SPANISH).turns for act in turn.acts}


class TestTheCallThatIsListenedTo:
    FACTS = talk(*WARM, norms=SPANISH)

    def test_is_credited_for_what_the_agent_did(self):
        quotes = found(self.FACTS)
        assert quotes["opening_and_closing", "good_opening"] == [
            "Buenas tardes, Hogar Seguro, le atiende Pablo. | ¿En qué puedo ayudarla?"
        ]
        (empathy,) = quotes["empathy", "met"]
        assert "Siento mucho lo que ha pasado" in empathy
        (paraphrase,) = quotes["paraphrase", "paraphrase"]
        assert paraphrase.startswith("Si la he entendido bien")
        assert quotes["check_question", "checked"] == ["¿Es así?", "¿Le viene bien?", "¿La puedo ayudar en algo más?"]
        assert quotes["dead_air", "announced"] == ["Permítame un momento, que reviso la cita."]
        assert ("opening_and_closing", "good_closing") in quotes

    def test_is_blamed_for_nothing(self):
        assert [item for item in judge_facts(self.FACTS, SPANISH)[0] if not item.strength] == []

    def test_a_word_of_attention_is_no_interruption(self):
        assert [overlap.kind for overlap in self.FACTS.overlaps] == ["backchannel"]

    def test_its_agent_is_told_on_either_side(self):
        left, right = ([word for word in self.FACTS.words if word.speaker == side] for side in (A, C))
        for words, first_s, agent in (([left, right], [1.0, 7.4], 0), ([right, left], [7.4, 1.0], 1)):
            roles = guess_roles(words, first_s, SPANISH.phrases)
            assert (roles.side_of["agent"], roles.probability > 0.99) == (agent, True)

    def test_without_the_words_of_empathy_it_is_missed(self):
        cut = [Line(A, 22.4, 30, "¿A qué hora la citaron?") if line.start_s == 22.4 else line for line in WARM]
        quotes = found(talk(*cut, norms=SPANISH))
        assert ("empathy", "missed") in quotes and ("empathy", "met") not in quotes


class TestTheColdCall:
    FACTS = talk(*COLD, norms=SPANISH)

    def test_is_credited_for_nothing_that_it_did_not_do(self):
        assert [item.cue for item in judge_facts(self.FACTS, SPANISH)[0] if item.strength] == ["interruption"]

    def test_is_told_what_was_missing(self):
        quotes = found(self.FACTS)
        assert {("empathy", "missed"), ("paraphrase", "none"), ("check_question", "none"), ("dead_air", "flag")} <= set(
            quotes
        )
        assert {("opening_and_closing", "opening"), ("opening_and_closing", "closing")} <= set(quotes)
        assert quotes["slow_response", "flag"] == ["¿Cuándo va a venir?"]
        assert quotes["blame", "flag"] == [
            "Pues tendría que haber llamado antes de las once.",
            "No puedo hacer nada.",
            "Pues es lo que hay.",
        ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("me puede confirmar su fecha de nacimiento", {"closed_question"}),
        ("cuál es su número de cliente", {"open_question"}),
        ("¿El recibo está a su nombre?", {"closed_question"}),
        ("A ver, cuénteme, ¿desde cuándo está sin luz?", {"open_question"}),
        ("Vos pagaste dos veces la misma factura, ¿no?", {"check_understanding", "closed_question"}),
        ("Buenos dias, ¿en que le puedo ayudar?", {"greeting", "offer_of_help"}),
        ("Espéreme tantito, déjeme revisarlo.", {"hold_announcement"}),
        ("Sí, sí, entiendo.", {"backchannel"}),
        ("mm-hmm", {"backchannel"}),
    ],
)
def test_a_sentence_does_what_it_says(text, expected):
    assert expected <= kinds(text)


@pytest.mark.parametrize(
    ("text", "absent"),
    [
        ("La verdad es que funciona bien.", {"check_understanding", "question", "backchannel"}),
        ("Esto no debería haber pasado, lo siento mucho.", {"blame"}),
        ("No se preocupe, lo arreglamos.", {"blame", "hardship"}),
        ("Cuando llegue el técnico, le llamará antes.", {"question"}),
        ("Si tiene alguna factura nos la manda.", {"question", "backchannel"}),
        ("Me llamó un señor ayer.", {"self_introduction"}),
    ],
)
def test_and_nothing_that_it_does_not(text, absent):
    assert not kinds(text) & absent


def test_scales_that_were_set_on_english_tell_nothing_of_spanish():
    told = {act.kind for turn in talk(*WARM, norms=SPANISH).turns for act in turn.acts}
    assert not told & {"reflection", "reformulation", "taken_up", "repeat", "understanding_check"}


@pytest.mark.parametrize(
    "forms",
    [
        "cobro cobraron cobrado cobré",
        "envío enviaron enviarlo envió enviado",
        "día días dias",
        "llamada llamaron llamé",
    ],
)
def test_forms_of_one_word_are_one(forms):
    assert len({stem(form, SPANISH.phrases["function_words"]) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("said", "reply", "kind"),
    [
        ("le pedí que me lo mandara a la", "Eso no se puede hacer desde aquí, señora.", "interruption"),
        ("le pedí que me lo mandara a la oficina.", "Eso no se puede hacer desde aquí, señora.", "terminal"),
        ("le pedí que me lo mandara a la", "Perdone que la interrumpa, pero no me diga la clave.", "needed"),
    ],
)
def test_who_was_cut_is_told_by_the_last_word(said, reply, kind):
    facts = talk(Line(C, 1, 5, said, inflection="level"), Line(A, 4.7, 9, reply), norms=SPANISH)
    (overlap,) = find_overlaps(facts.units, facts.words, SPANISH.phrases)
    assert overlap.kind == kind
    assert overlap.why.endswith("in this language the last word alone tells") == (kind != "needed")


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("Debería poner el router en otra habitación.", True),
        ("Puede usted también cambiar la contraseña en la aplicación.", True),
        ("Hay que reiniciar el aparato.", True),
        ("Puede ser un error del sistema.", False),
        ("Puede que llegue mañana.", False),
        ("Si puede llamar mañana, mejor.", False),
        ("No puede cambiarla ahora.", False),
    ],
)
def test_advice_is_a_word_of_duty_and_an_infinitive(said, advice):
    assert advises(tokens(said), SPANISH.of("before_solution", before_solution.Norm)) is advice
