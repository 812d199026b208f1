"""Text -> phonemes, one string a word, so that every spoken word can be given its time.

Alphabets: English is in Kokoro's alphabet (capital letters are diphthongs: A = eɪ, I = aɪ, O = oʊ, W = aʊ,
Y = ɔɪ); Spanish is espeak's IPA, which Kokoro reads as well. Punctuation stays attached to its word: the
voices pause and shape their pitch by it.
"""

import functools
import re
import unicodedata
from collections.abc import Callable

from maker.problems import SampleError, import_voice

VOWELS = frozenset("AIOWYaeiouæɑɐɒɔəɚɛɜɝɪʊʌᵊᵻ")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

# Spanish words that bear no stress in a sentence; spoken alone, as here, espeak would stress them.
UNSTRESSED = frozenset(
    word
    for line in (
        "a al con de del el en la las le les lo los me mi mis ni nos",
        "o para pero por que se su sus te tu un una y",
    )
    for word in line.split()
)

# Words that the grapheme-to-phoneme step gets wrong, in Kokoro's alphabet.
SPOKEN_FORMS = {"uh-huh": "ʌhˈʌ"}


def sentences(text: str) -> list[str]:
    """Split a turn's text after each full stop, question mark and exclamation mark."""
    return SENTENCE_END.split(text.strip())


def phonemize(sentence: str, language: str) -> list[str]:
    """Phonemes of each word of one sentence.

    Raises
    ------
    SampleError
        where the language is unknown, or phonemes and words cannot be paired (digits are the usual cause).
    """
    try:
        pronounce = LANGUAGES[language]
    except KeyError:
        raise SampleError(f"language {language!r} is unknown; known: {', '.join(LANGUAGES)}") from None
    spoken = pronounce(sentence)
    if len(spoken) != len(sentence.split()):
        raise SampleError(f"cannot pair words and phonemes; spell numbers out: {sentence!r} -> {spoken}")
    return spoken


def syllables(phonemes: str) -> int:
    """Number of syllable nuclei: vowel symbols, a schwa glide after a vowel (fire, really) not counted."""
    nuclei = 0
    previous = ""
    for symbol in phonemes:
        if symbol in VOWELS and not (symbol == "ᵊ" and previous in VOWELS):
            nuclei += 1
        previous = symbol
    return nuclei


def _english(sentence: str) -> list[str]:
    spoken = _english_g2p()(sentence).split()
    return [_spoken_form(word) or phonemes for word, phonemes in zip(sentence.split(), spoken, strict=False)]


def _spoken_form(word: str) -> str | None:
    stem = word.rstrip(".,!?")
    form = SPOKEN_FORMS.get(stem.lower())
    return form and form + word[len(stem) :]


@functools.cache
def _english_g2p() -> Callable[[str], str]:
    return import_voice("hibari.g2p").G2P(british=False)


def _spanish(sentence: str) -> list[str]:
    return [_spanish_word(word) for word in sentence.replace("¿", "").replace("¡", "").split()]


def _spanish_word(word: str) -> str:
    stem = word.rstrip(".,!?")
    (symbols,) = _espeak().phonemize("es", stem)
    phonemes = unicodedata.normalize("NFC", "".join(symbols)).replace("iʲ", "i")
    if stem.lower() in UNSTRESSED:
        phonemes = phonemes.replace("ˈ", "")
    return phonemes + word[len(stem) :]


@functools.cache
def _espeak():
    return import_voice("piper.phonemize_espeak").EspeakPhonemizer()


LANGUAGES: dict[str, Callable[[str], list[str]]] = {"en": _english, "es": _spanish}
