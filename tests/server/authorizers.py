"""Who may do what, for the tests of who may not."""

from __future__ import annotations

from jupyter_server.auth.authorizer import Authorizer


class ReadOnly(Authorizer):
    """Lets people look at TensorFlow's sessions, and do nothing else; some not even that."""

    def is_authorized(self, handler, user, action, resource):
        looks = resource == "tfsession" and action == "read"
        return looks and handler.request.headers.get("X-May") != "nothing"
