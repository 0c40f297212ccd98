"""Stands in for packages that the SDK imports and that need not be there: orjson, the types of langchain_protocol, and the message
streams of langchain_core."""
import json
import sys
import types
import typing


def install():
    """Puts the stand-ins where the SDK imports them from."""
    sys.modules["orjson"] = types.SimpleNamespace(
        dumps=_dumps, loads=json.loads, JSONDecodeError=json.JSONDecodeError, OPT_SERIALIZE_NUMPY=0, OPT_NON_STR_KEYS=0)
    sys.modules["langchain_protocol"] = types.ModuleType("langchain_protocol")
    sys.modules["langchain_protocol"].__getattr__ = lambda name: typing.Any
    for name in ("langchain_core", "langchain_core.language_models", "langchain_core.language_models.chat_model_stream"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules[name].ChatModelStream = sys.modules[name].AsyncChatModelStream = MessageStream


def _dumps(value, default=None, option=0):
    return json.dumps(value, default=default, separators=(",", ":"), ensure_ascii=False).encode()


class MessageStream:
    """Collects what the SDK dispatches to a message, and the text of it."""

    def __init__(self, *, namespace, node, message_id):
        self.namespace, self.node, self.message_id = namespace, node, message_id
        self.text, self.kinds, self.error, self._done = "", [], None, False

    def dispatch(self, event):
        self.kinds.append(event["event"])
        self._done = event["event"] in ("message-finish", "error")
        self.text += (event.get("delta") or {}).get("text", "")

    def fail(self, error):
        self.error, self._done = error, True
