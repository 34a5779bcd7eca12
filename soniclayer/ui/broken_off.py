"""What Streamlit still has to send of a drawing that was broken off: nothing that has lost its place.

Where a fragment is due again before all of its last drawing was sent, Streamlit drops what is left of that. It knows
it by the fragment's name, which a reference to a message that the browser has already does not carry: it is sent all
the same, for a place in a container that was dropped, and the browser ends on a blank page ("Cannot set a node at a
delta path"). Here references are dropped with the rest; the drawing that follows sends them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

if TYPE_CHECKING:
    from collections.abc import Callable


def drop_references() -> None:
    """Have Streamlit drop them from now on; may be called again."""
    if ForwardMsgQueue.clear.__module__ != __name__:
        ForwardMsgQueue.clear = _clearing(ForwardMsgQueue.clear)  # type: ignore[method-assign]


def _clearing(clear: Callable[..., None]) -> Callable[..., None]:
    def clearing(
        queue: ForwardMsgQueue, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None
    ) -> None:
        clear(queue, retain_lifecycle_msgs, fragment_ids_this_run)
        if fragment_ids_this_run is not None:
            queue._queue = [message for message in queue._queue if not message.HasField("ref_hash")]

    return clearing
