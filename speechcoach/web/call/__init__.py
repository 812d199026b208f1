"""The page of a call: the report, alive. What was found can be confirmed, disputed, answered and added to there."""

from speechcoach.web.call.listening import ROUTES as _LISTENING
from speechcoach.web.call.saying import ROUTES as _SAYING
from speechcoach.web.call.showing import ROUTES as _SHOWING

ROUTES = (*_SHOWING, *_SAYING, *_LISTENING)

__all__ = ["ROUTES"]
