"""Who may do what, for the tests of who may not."""

from __future__ import annotations

from jupyter_server.auth.authorizer import Authorizer


class ReadOnly(Authorizer):
    """Lets everybody look at TensorFlow's sessions, and nobody change them."""

    def is_authorized(self, handler, user, action, resource):
        return resource == "tfsession" and action == "read"


class NoSessions(Authorizer):
    """Lets everybody do everything but with TensorFlow's sessions."""

    def is_authorized(self, handler, user, action, resource):
        return resource != "tfsession"
