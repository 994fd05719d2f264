import { bytes, count } from '../view/format';
import type { ITranslator } from '../view/strings';

/**
 * Every text of the JupyterLab side that is not the view's.
 */
export type Strings = ReturnType<typeof stringsOf>;

/**
 * The texts of the JupyterLab side in the user's language.
 */
export function stringsOf(trans: ITranslator) {
  return {
    title: trans.__('TensorFlow sessions'),
    caption: trans.__('TensorFlow sessions and variables'),
    menu: trans.__('What can be done'),

    // Where there is nothing to show, and why.
    nothing: trans.__('No notebook is open'),
    nothingHelp: trans.__(
      'Open a notebook or a console: its sessions and variables are shown here.'
    ),
    noKernel: trans.__('No kernel'),
    noKernelHelp: trans.__(
      'Choose a kernel for the notebook: Kernel menu, Change Kernel.'
    ),
    starting: trans.__('The kernel is starting…'),
    connecting: trans.__('Connecting to the kernel…'),
    waiting: trans.__('A cell is running'),
    waitingHelp: trans.__(
      'This kernel answers between cells only: its variables are shown when the cell has ended.'
    ),
    foreign: trans.__('Not a Python kernel'),
    foreignHelp: trans.__(
      'TensorFlow sessions are shown for notebooks with a Python kernel.'
    ),
    absent: trans.__('The extension is not loaded'),
    absentHelp: trans.__(
      'Load it before the notebook opens a session, here or with %load_ext jupyter_tfsession in a cell.'
    ),
    load: trans.__('Load the extension'),
    loading: trans.__('Loading the extension…'),
    loadingHelp: trans.__('A running cell has to end first.'),
    missing: trans.__('Not installed for this kernel'),
    missingHelp: trans.__(
      'The environment of this kernel lacks the package. Run %pip install jupyter_tfsession in a cell, then try again.'
    ),
    failed: trans.__('The extension could not be loaded'),
    again: trans.__('Try again'),
    restarting: trans.__('The kernel is restarting…'),
    dead: trans.__('The kernel has died'),
    deadHelp: trans.__('Restart it: Kernel menu, Restart Kernel.'),
    disconnected: trans.__('Disconnected'),
    disconnectedHelp: trans.__(
      'The server cannot be reached. What is shown is from before; it goes on by itself.'
    ),
    lostAt: (time: string) =>
      trans.__('The kernel was restarted: values lost at %1.', time),
    noTensorFlow: trans.__('TensorFlow is not imported yet'),
    noTensorFlowHelp: trans.__('Run the cell that imports it.'),
    noSession: trans.__('No session yet'),
    noSessionHelp: trans.__(
      'One opens with the first tf.Session(), or whatever else runs the graph.'
    ),

    // Stale cells.
    stale: (n: number) =>
      trans._n('%2 stale cell', '%2 stale cells', n, count(n)),
    staleHelp: trans.__('They still use what other cells have replaced.'),
    staleBecause: (labels: string) =>
      trans.__('Stale: still uses what %1 replaced. Run it again.', labels),
    goTo: (label: string) => trans.__('Go to cell %1', label),
    rerun: (label: string) => trans.__('Run cell %1 again', label),
    rerunAll: trans.__('Run all again'),
    rerunAllHelp: trans.__('Run the stale cells again, in notebook order'),

    // Commands.
    category: trans.__('TensorFlow'),
    show: trans.__('Show TensorFlow Sessions'),
    loadCommand: trans.__('Load the TensorFlow Sessions Extension'),
    rerunCommand: trans.__('Run Stale Cells Again'),
    init: trans.__('Initialize What Is Not Initialized'),
    reset: trans.__('Reset All Variables…'),
    undo: trans.__('Undo Change of Variables'),
    redo: trans.__('Redo Change of Variables'),
    snapshot: trans.__('Take Snapshot of All Variables'),
    close: trans.__('Close Session, Keeping Values'),
    guard: {
      keep: trans.__('Guard Initializers: Keep Values'),
      error: trans.__('Guard Initializers: Raise an Error'),
      off: trans.__('Guard Initializers: Off')
    },
    settings: trans.__('Settings'),

    // The running panel and the status bar.
    inSource: (session: string, source: string) =>
      trans.__('%1 (%2)', session, source),
    variables: (n: number) =>
      trans._n('%2 variable', '%2 variables', n, count(n)),
    holds: (session: string, variables: string) =>
      trans.__('%1: %2', session, variables),
    closeSession: trans.__('Close session, keeping its values on the host'),
    closeAll: trans.__('Close All'),
    closeAllQuestion: trans.__(
      'Close all TensorFlow sessions? Their values wait on the host until they are used again.'
    ),
    notClosed: (session: string, why: string) =>
      trans.__('%1 was not closed: %2', session, why),
    sessions: (n: number) => trans._n('%2 session', '%2 sessions', n, count(n)),
    statusLive: (sessions: string, size: number) =>
      trans.__('TensorFlow: %1, %2, live', sessions, bytes(size)),
    statusIdle: (sessions: string, size: number) =>
      trans.__('TensorFlow: %1, %2, idle', sessions, bytes(size))
  };
}
