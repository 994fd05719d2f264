"""A piece of a notebook: a cell that builds, an edit of it, and what comes of running it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_USE: Final = """
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    sess.run(tf.tables_initializer())
    sess.run({start})
    result = []
    for _ in range(3):
        result.append(sess.run({fetch}, {feed}))
        sess.run({step}, {feed})
    result.append(sess.run(tf.global_variables()))
"""


@dataclass(frozen=True)
class Piece:
    """A cell that builds a graph.

    Attributes
    ----------
    build
        Its source.
    old, new
        The edit: what is replaced by what in the source.
    fetch, step, start, feed
        Expressions: what is fetched again and again, what runs in between, what runs first, and
        what is fed.
    use
        The source of the cell that runs it all and leaves `result`, where the usual will not do.
    anew
        Part of it cannot be told to be the same, and is made again each time.
    stateful
        A session keeps more of it than the values of variables.
    coarse
        It is one thing to TensorFlow: an edit makes more of it anew than what differs.
    """

    build: str
    old: str
    new: str
    fetch: str = "[]"
    step: str = "[]"
    start: str = "[]"
    feed: str = "None"
    use: str = _USE
    anew: bool = False
    stateful: bool = False
    coarse: bool = False

    def __post_init__(self) -> None:
        assert self.old in self.build, f"{self.old!r} is nowhere in {self.build}"

    @property
    def edited(self) -> str:
        """The source after the edit."""
        return self.build.replace(self.old, self.new)

    @property
    def running(self) -> str:
        """The source of the cell that runs it."""
        expressions = ("fetch", "step", "start", "feed")
        source = self.use
        for name in expressions:
            source = source.replace(f"{{{name}}}", getattr(self, name))
        return source
