"""Which words to believe: what a recogniser writes over music, noise or nothing must not become speech.

Conventions: probabilities are 0-1, log probabilities natural. Nothing here knows a language or a list of
phrases: only what the recogniser itself was unsure of, and how fast a mouth can speak.

The limits come from 21 clips of 30 s (silence, noise, hum, ringing, keys, hold music) read alone by
Whisper base: one word each, mean log probability -1.3 and less, or digital silence at -.45 with
`no_speech` at .93; windows of telephone speech had -.6 and more, and `no_speech` under .05.
"""

from __future__ import annotations

from collections.abc import Sequence

from speechcoach.records import Span
from speechcoach.transcript.engine import Heard, Passage

MEAN_LOGPROB = -1.0  # Whisper's own limit (whisper/transcribe.py, `logprob_threshold`)
# Whisper's own limit on `no_speech`, but with less certainty needed: "Thank you." over a breath has -.7.
NO_SPEECH, NO_SPEECH_LOGPROB = 0.6, -0.4
# Fast speakers reach 6 words a second; more is a repetition pressed into a span.
WORDS_PER_S, FEW_WORDS = 8.0, 4
# A long span with next to nothing in it is music or noise, unless the word is sure.
SPARSE_WORDS_PER_S, LONG_S, SURE = 0.3, 4.0, 0.5
GUESS = 0.2


def is_speech(passage: Passage) -> bool:
    """Whether the passage as a whole was heard in speech."""
    unsure = passage.mean_logprob < NO_SPEECH_LOGPROB and passage.no_speech > NO_SPEECH
    return bool(passage.words) and passage.mean_logprob >= MEAN_LOGPROB and not unsure


def believable(heard: Sequence[Heard], span: Span) -> bool:
    """Whether the words that fell into `span` can have been said there."""
    if not heard or span.duration_s <= 0:
        return False
    rate, mean = len(heard) / span.duration_s, mean_probability(heard)
    if len(heard) > FEW_WORDS and rate > WORDS_PER_S:
        return False
    if span.duration_s > LONG_S and rate < SPARSE_WORDS_PER_S and mean < SURE:
        return False
    return mean >= GUESS


def mean_probability(heard: Sequence[Heard]) -> float:
    """Of the words; 0 where there is none."""
    return sum(word.probability for word in heard) / len(heard) if heard else 0.0
