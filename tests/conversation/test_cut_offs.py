"""What words tell of a turn that was broken off, and of who only listens."""

from __future__ import annotations

import random

import numpy as np
import pytest

from speechcoach.conversation import completeness
from speechcoach.conversation.backchannels import listening_share
from speechcoach.conversation.cut_offs import cut_share, unfinished_share
from speechcoach.conversation.turns import Spurt
from speechcoach.errors import SettingsError
from speechcoach.records import Unit, Word
from speechcoach.settings import Norms

EN = Norms.load("en").phrases
NEUTRAL = Norms.load(None).phrases
# Written for this test: sentences that are broken off at the bar.
CUT = [
    "I wanted to ask whether you could send it to the | office",
    "I have been a customer for ten years and I never had such a | problem",
    "could you please tell me your account | number",
    "the part that we ordered last week has not been | delivered",
    "I think the router in the kitchen does not | work",
    "she said somebody would call me before the end of the | week",
    "I paid the invoice with my credit | card",
    "what I don't understand is why nobody | called me",
    "we could move the appointment to another | day",
    "it says on the letter that I owe you more than | fifty pounds",
    "my neighbour told me that you can | change it online",
    "so I went back to the shop because | it was broken",
]


def share(text: str, overlaps: bool = True, phrases=EN) -> float:
    return unfinished_share(text.split(), overlaps, phrases)


def test_sentences_are_more_open_where_they_are_broken_off_than_at_their_end():
    """Four in five: "could you tell me your account" might well be all."""
    pairs = [(share(text.split(" | ")[0]), share(text.replace(" | ", " "))) for text in CUT]
    assert np.mean([begun > whole + 0.05 for begun, whole in pairs]) >= 0.8


def test_most_broken_off_sentences_are_likely_unfinished_and_no_whole_one_is():
    begun = [share(text.split(" | ")[0]) for text in CUT]
    whole = [share(text.replace(" | ", " ")) for text in CUT]
    assert np.mean(np.array(begun) >= 0.5) >= 0.6
    assert max(whole) < 0.5


def test_punctuation_and_case_decide_nothing():
    assert share("I paid it with my credit") == share("i paid, it with my Credit.")


def test_a_torn_word_is_unfinished_whatever_it_was():
    assert share("because the people who want to use the stamp-") > 0.8


def test_a_filler_after_a_broken_off_sentence_keeps_it_open():
    assert share("you could send it to the um") > 0.5
    assert share("um") < 0.3


def test_with_overlap_a_turn_is_more_often_cut():
    assert share("we have to", True) > share("we have to", False)


def test_without_words_or_phrases_timing_alone_speaks():
    assert share("", True) == share("...", True) == share("se lo mando a la", True, NEUTRAL) > share("", False)


# The same in Spanish, for which no net was trained.
CORTADAS = [
    "quería preguntarle si me lo pueden mandar a la | oficina",
    "llevo diez años de cliente y nunca he tenido un | problema",
    "me puede decir por favor su número de | cuenta",
    "la pieza que pedimos la semana pasada no ha | llegado",
    "creo que el aparato de la cocina no | funciona",
    "me dijo que alguien me llamaría antes de que | acabara la semana",
    "pagué la factura con mi | tarjeta",
    "lo que no entiendo es por qué nadie me | llamó",
    "podemos cambiar la cita para otro | día",
    "en la carta pone que les debo más de | cincuenta euros",
    "mi vecino me ha dicho que se puede | cambiar por internet",
    "así que volví a la tienda porque | estaba roto",
]


def test_a_language_without_a_net_is_judged_by_the_class_of_the_last_word():
    """Less is told than with a net, but nothing that was finished is called cut."""
    spanish = Norms.load("es").phrases
    begun = [share(text.split(" | ")[0], phrases=spanish) for text in CORTADAS]
    whole = [share(text.replace(" | ", " "), phrases=spanish) for text in CORTADAS]
    assert np.mean(np.array(begun) >= 0.5) >= 0.6
    assert max(whole) < 0.5
    neutral = dict(NEUTRAL) | {"unfinished": ("la", "de")}
    assert share("se lo mando a la", phrases=neutral) > 0.5 > share("se lo mando a la oficina", phrases=neutral)


def heard(text: str, *last: tuple[float, float], closes: float | None = None) -> Spurt:
    """Words of 0.2 s each, surely heard; of the last ones (seconds, probability) as given. Speech ends with them."""
    parts, found, at_s = text.split(), [], 0.0
    told = [(0.2, 0.95)] * (len(parts) - len(last)) + list(last)
    for part, (length_s, probability) in zip(parts, told, strict=True):
        found.append(Word("customer", at_s, at_s + length_s, part, probability, closes))
        at_s += length_s
    unit = Unit("customer", 0.0, at_s, at_s, len(parts), None, None, None, None, None, None)
    return Spurt((unit,), tuple(found))


def cut(holder: Spurt) -> float:
    return cut_share(holder, holder.end_s - 0.3, EN)


def test_a_word_without_sound_that_was_made_up_changes_nothing():
    """Recognisers end a torn sentence with a word that was never said."""
    text = "and the people who live in my"
    made_up = cut(heard(f"{text} office.", (0.0, 0.14), closes=0.05))
    assert made_up == pytest.approx(cut(heard(text, closes=0.05)))
    assert made_up > cut(heard(f"{text} office.", (0.2, 0.9), closes=0.05))
    assert cut(heard("office.", (0.0, 0.14))) < 0.9


def test_a_long_word_is_not_torn_however_hard_to_recognise():
    assert cut(heard("Thank you supervisor.", (0.7, 0.4))) < 0.2 < cut(heard("Thank you supervisor.", (0.15, 0.4)))


def test_an_open_sentence_that_the_recogniser_finds_open_too_is_cut_even_where_the_voice_sinks():
    """The doubt about a last word that was surely heard outweighs a voice that sinks: 0.15 of a cut's odds."""
    share = cut(heard("every time the page tells me that I should", closes=0.14))
    assert share / (1 - share) * 0.15 > 1
    assert cut(heard("every time the page tells me that I should try again later.", closes=0.95)) < 0.1


def test_a_net_that_is_not_there_is_named():
    with pytest.raises(SettingsError, match=r"'klingon' under `completeness`; there is english"):
        share("so it", phrases=dict(EN) | {"completeness": ("klingon",)})


def test_the_weights_are_small():
    assert (completeness.FOLDER / "english.npz").stat().st_size < 1_000_000


def test_the_net_says_what_the_one_that_was_trained_says(tmp_path):
    """Truth: PyTorch's own recurrent layer, up to what rounding to 8 and 16 bits costs."""
    torch = pytest.importorskip("torch")
    from speechcoach.conversation.train.completeness import Net, write

    torch.manual_seed(1)
    words = [completeness.PAD, completeness.UNKNOWN, completeness.START, *"abcdefgh"]
    trained = Net(len(words)).eval()
    write(trained, words, tmp_path / "net.npz")
    net = completeness.read(tmp_path / "net.npz")
    said = random.Random(1).choices("abcdefghz", k=12)
    rows = [2, *(words.index(word) if word in words else 1 for word in said)]
    with torch.no_grad():
        logit = float(trained(torch.tensor([rows]))[0, -1])
    assert net.openness(said) == pytest.approx(-logit, abs=0.01)
    assert net.openness(()) == 0.0


def test_chats_become_lines_whose_ends_are_known_only_where_they_are():
    from speechcoach.conversation.train.completeness import NOBODY_KNOWS, OPEN, OVER, to_line

    words, marks = to_line("Im fine, thanks. And you", last=False)
    assert words == ["i'm", "fine", "thanks", "and", "you"]
    assert marks == [OPEN, NOBODY_KNOWS, OVER, OPEN, NOBODY_KNOWS]
    assert to_line("and you", last=True)[1] == [OPEN, OVER]


@pytest.mark.parametrize(
    ("more", "less"),
    [("mm-hmm", "yeah but I"), ("um yeah", "yeah I sent it"), ("that's right", "that's a"), ("yeah so it", "no wait")],
)
def test_who_says_less_of_their_own_more_likely_listens(more, less):
    def listens(text):
        return listening_share(text.split(), 0.4, True, EN)

    assert listens(more) > listens(less)


def test_without_words_a_short_sound_under_the_others_speech_is_likely_a_backchannel():
    assert listening_share((), 0.4, True, EN) > 0.5 > listening_share((), 2.0, True, EN)
