"""Every trait of the extension, in one place: ``%config TFSession.<trait>``."""

from __future__ import annotations

from traitlets import Bool, Enum, Float, Int, Unicode
from traitlets.config import Configurable

POLICIES = ("keep", "error", "off")
"""What the initializer guard may do with an initializer that comes round again."""


class TFSession(Configurable):
    """Settings of ``jupyter_tfsession``; each takes effect at once."""

    guard = Enum(
        POLICIES,
        default_value="keep",
        help="""What happens to an initializer that would overwrite the values of an earlier
        execution: `keep` initializes only what is new, `error` raises and names the variables,
        `off` does what TensorFlow does.""",
    ).tag(config=True)

    rerun = Bool(
        default_value=True,
        help="""Whether a cell that is run again finds what it added to the graph before, in place
        of adding it again.""",
    ).tag(config=True)

    sections = Bool(
        default_value=True,
        help="""Whether the graph that `tf.reset_default_graph()` leaves waits, and a cell of that
        part of the notebook enters it again. Switched off with `rerun` as well.""",
    ).tag(config=True)

    compat = Bool(
        default_value=False,
        help="""Whether `import tensorflow` in the notebook's own cells gives the TensorFlow 1 API
        (`tensorflow.compat.v1` with v2 behaviour off).""",
    ).tag(config=True)

    undo_bytes = Int(
        default_value=2**30,
        min=0,
        help="""Bytes of host memory for values that can be brought back: what `undo` and `redo`
        hold, oldest dropped first, and the values of closed sessions.""",
    ).tag(config=True)

    preview_bytes = Int(
        default_value=64 * 2**20,
        min=0,
        help="""The largest variable, in bytes, whose value is fetched to be looked at; bigger
        ones are summarized where they are.""",
    ).tag(config=True)

    snapshot_directory = Unicode(
        "tfsession-snapshots",
        help="""Where snapshots are: a directory, from where the kernel started if relative; it is
        made with the first snapshot.""",
    ).tag(config=True)

    snapshots_kept = Int(
        default_value=5,
        min=1,
        help="""How many snapshots of one name are kept; older ones are removed.""",
    ).tag(config=True)

    snapshot_bytes = Int(
        default_value=10 * 2**30,
        min=0,
        help="""Bytes that snapshots may take together. Older ones of a name give way, the latest
        of each name never does.""",
    ).tag(config=True)

    snapshot_wait = Float(
        default_value=10.0,
        min=0.0,
        help="""Seconds that a snapshot or restore waits for a run that is under way in another
        thread and writes variables.""",
    ).tag(config=True)

    autosave_seconds = Float(
        default_value=0.0,
        min=0.0,
        help="""Take a snapshot every so many seconds in which variables were written; 0 for
        none.""",
    ).tag(config=True)

    autosave_runs = Int(
        default_value=0,
        min=0,
        help="""Take a snapshot after every so many runs of a session, if variables were written;
        0 for none.""",
    ).tag(config=True)

    autosave_cells = Bool(
        default_value=False,
        help="""Take a snapshot after each cell that wrote variables.""",
    ).tag(config=True)
