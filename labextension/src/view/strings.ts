import { bytes, count } from './format';
import type { Column, VariableState } from './model/columns';
import { snapshotStringsOf } from './snapshot_strings';

type Value = string | number;

/**
 * What translates; JupyterLab's `TranslationBundle` is one.
 */
export interface ITranslator {
  __(text: string, ...values: Value[]): string;
  _n(singular: string, plural: string, n: number, ...values: Value[]): string;
}

/**
 * Shows the English texts; `%1` stands for the first value, as in JupyterLab.
 */
export const english: ITranslator = {
  __: (text, ...values) => filled(text, values),
  _n: (singular, plural, n, ...values) =>
    filled(n === 1 ? singular : plural, [n, ...values])
};

function filled(text: string, values: readonly Value[]): string {
  return text.replace(/%(\d+)/g, (_, index: string) =>
    String(values[Number(index) - 1] ?? '')
  );
}

/**
 * Every text of the view, but for those that the kernel sends.
 */
export type Strings = ReturnType<typeof stringsOf>;

/**
 * The texts of the view in the user's language.
 */
export function stringsOf(trans: ITranslator) {
  const variables = (n: number) =>
    trans._n('%2 variable', '%2 variables', n, count(n));
  return {
    variables,
    view: trans.__('TensorFlow variables'),

    // The state of the connection and of the session.
    connecting: trans.__('Connecting to the kernel…'),
    noTensorFlow: trans.__('The notebook has not imported TensorFlow yet.'),
    noSession: trans.__(
      'No TensorFlow session yet: it opens with the first run.'
    ),
    noVariables: trans.__('The graph has no variables yet.'),
    noneMatch: trans.__('No variable matches the filter.'),
    loading: (known: number, total: number) =>
      trans.__('Loading variables: %1 of %2…', count(known), count(total)),
    live: trans.__('Live'),
    liveAtOnce: trans.__('Live: buttons act at once, also while a cell runs'),
    liveAfterCell: trans.__(
      'Live: while a cell runs, buttons wait until it ends'
    ),
    buttonsWait: (cell: string) =>
      trans.__('Cell %1 is running: buttons wait until it ends', cell),
    busy: (cell: string) => trans.__('Live: cell %1 is running', cell),
    pausedSince: (time: string) => trans.__('Paused: values as of %1', time),
    notConnected: (time: string) =>
      time === ''
        ? trans.__('Not connected: nothing was received')
        : trans.__('Not connected: values as of %1', time),
    notConnectedHelp: trans.__(
      'The kernel was restarted, is gone, or does not answer. Run the cell again.'
    ),
    torn: trans.__(
      'Something ran while these values were read: they may not be of one moment'
    ),
    session: trans.__('Graph'),
    inSection: (name: string, section: string, began: string) =>
      began === ''
        ? trans.__('%1 (%2)', name, section)
        : trans.__('%1 (%2, begun in %3)', name, section, began),
    enter: trans.__('Go on here'),
    enterLabel: (section: string) => trans.__('Go on in %1', section),
    enterHint: (section: string) =>
      trans.__(
        'Go on in %1: its graph, its session and its names are the current ones again',
        section
      ),
    step: (n: number) => trans.__('step %1', count(n)),
    runs: (n: number) => trans._n('%2 run', '%2 runs', n, count(n)),
    runsPerSecond: (rate: string) => trans.__('%1 runs/s', rate),
    initialized: (some: number, all: number) =>
      trans.__('%1 of %2 initialized', count(some), count(all)),

    // The toolbar.
    toolbar: trans.__('Actions'),
    filter: trans.__('Filter'),
    filterHint: trans.__(
      'Filter: part of a name, or a pattern such as layer*/bias'
    ),
    shown: (some: number, all: number) =>
      trans.__('%1 of %2 shown', count(some), count(all)),
    scopes: trans.__('Scopes'),
    scopesHint: trans.__('Show scopes as a tree'),
    reset: trans.__('Reset…'),
    resetLabel: (n: number) =>
      trans._n('Reset %2 variable', 'Reset %2 variables', n, count(n)),
    resetHint: (n: number) =>
      trans._n(
        'Give %2 variable its initial value again',
        'Give %2 variables their initial values again',
        n,
        count(n)
      ),
    set: trans.__('Set…'),
    setLabel: (name: string) => trans.__('Set %1', name),
    setHint: trans.__('Give the chosen variable a value'),
    init: trans.__('Initialize'),
    initLabel: trans.__('Initialize what is not initialized'),
    undo: trans.__('Undo'),
    undoLabel: (what: string, n: number) =>
      trans.__('Undo: %1 (%2)', what, variables(n)),
    undoNothing: trans.__('Nothing to undo'),
    redo: trans.__('Redo'),
    redoLabel: (what: string, n: number) =>
      trans.__('Redo: %1 (%2)', what, variables(n)),
    redoNothing: trans.__('Nothing to redo'),
    pause: trans.__('Pause'),
    pauseHint: trans.__('Stop reading values'),
    resume: trans.__('Resume'),
    resumeHint: trans.__('Go on reading values'),

    ...snapshotStringsOf(trans),

    // What became of an action.
    done: (label: string) => trans.__('%1: done', label),
    refused: (label: string, why: string) =>
      trans.__('%1: not done. %2', label, why),
    movedOn: (label: string) =>
      trans.__(
        '%1: not done, the values are not what they were when you decided. Look again.',
        label
      ),
    lost: (label: string) =>
      trans.__(
        '%1: the kernel is gone; nobody knows whether it was done',
        label
      ),
    waiting: (label: string) =>
      trans.__('%1: waits for the running cell', label),
    withdraw: trans.__('Withdraw'),
    sent: trans.__('Sent, no answer yet…'),
    dismiss: trans.__('Dismiss'),

    // Dialogs.
    cancel: trans.__('Cancel'),
    overwrite: trans.__('Overwrite'),
    undoable: trans.__('Undo will give these values back.'),
    notUndoable: trans.__(
      'Undo cannot give these values back: they are more than it may keep.'
    ),
    newValue: trans.__('New value'),
    newValueHint: (dtype: string, shape: string) =>
      trans.__(
        'JSON for %1 %2, such as 1.5, [[1, 2], [3, NaN]] or "text"',
        dtype,
        shape
      ),
    apply: trans.__('Set'),

    // The table.
    columns: {
      name: trans.__('Name'),
      state: trans.__('State'),
      value: trans.__('Value'),
      trend: trans.__('Trend'),
      dtype: trans.__('Type'),
      shape: trans.__('Shape'),
      bytes: trans.__('Size'),
      device: trans.__('Device'),
      written: trans.__('Written by')
    } satisfies Record<Column, string>,
    sortBy: (column: string) => trans.__('Sort by %1', column),
    states: {
      initialized: trans.__('initialized'),
      unread: trans.__('not read yet'),
      uninitialized: trans.__('uninitialized'),
      redefined: trans.__('redefined'),
      stale: trans.__('stale'),
      retired: trans.__('retired')
    } satisfies Record<VariableState, string>,
    stateHints: {
      initialized: trans.__('Holds a value'),
      unread: trans.__('Its value has not been read yet'),
      uninitialized: trans.__('Holds no value yet'),
      redefined: trans.__(
        'Its initial value was edited: the next initializer applies it'
      ),
      stale: trans.__('Made by a cell that has to be run again'),
      retired: trans.__('Made by an earlier version of its cell')
    } satisfies Record<VariableState, string>,
    askedFor: (requested: string, actual: string) =>
      trans.__('Asked for %1, but placed on %2', requested, actual),
    requestedOnly: (requested: string) =>
      trans.__('Asked for %1; TensorFlow does not tell where it is', requested),
    notPlaced: trans.__('Not placed yet'),
    trendLabel: (last: string) =>
      trans.__('Recent values; the last is %1', last),
    writtenShort: (cell: string, run: number) =>
      trans.__('%1 run %2', cell, count(run)),
    writtenBy: (cell: string, run: number) =>
      trans.__('cell %1, run %2', cell === '' ? '–' : cell, count(run)),

    // Devices.
    devices: trans.__('Devices'),
    device: (name: string, n: number, size: number) =>
      trans.__('%1: %2, %3', name, variables(n), bytes(size)),
    deviceLimit: (size: number) => trans.__('of %1', bytes(size)),

    // One variable.
    detail: (name: string) => trans.__('Variable %1', name),
    close: trans.__('Close'),
    copyName: trans.__('Copy name'),
    copyValue: trans.__('Copy value'),
    copied: trans.__('Copied'),
    copiedInPart: trans.__('Copied; the value is longer and was cut'),
    notCopied: trans.__('The browser did not allow copying'),
    waitingForDetail: trans.__('Waiting for the kernel…'),
    operation: trans.__('Operation'),
    requested: trans.__('Asked for'),
    trainable: trans.__('Trainable'),
    yes: trans.__('yes'),
    no: trans.__('no'),
    collections: trans.__('Collections'),
    statistics: trans.__('Statistics'),
    mean: trans.__('mean'),
    std: trans.__('std'),
    min: trans.__('min'),
    max: trans.__('max'),
    zeros: trans.__('zeros'),
    elements: (n: number) => trans._n('%2 element', '%2 elements', n, count(n)),
    sampled: (some: number, all: number) =>
      trans.__('from %1 of %2 elements', count(some), count(all)),
    unreadable: trans.__('Cannot be read'),
    unwritable: trans.__('Cannot be written'),
    histogram: trans.__('Histogram'),
    histogramBar: (low: string, high: string, n: number) =>
      trans.__('%1 to %2: %3', low, high, count(n)),
    historyOf: {
      value: trans.__('History of the value'),
      norm: trans.__('History of the norm')
    },
    historyPoint: (run: number, cell: string, value: string) =>
      trans.__('run %1 %2: %3', count(run), cell, value),
    noHistory: trans.__('Only one value so far'),
    line: trans.__('Values'),
    heatMap: trans.__('Heat map'),
    heatCell: (index: string, value: string) =>
      trans.__('[%1]: %2', index, value),
    oneRowOf: (step: number) => trans.__('one row of %1', step),
    oneColumnOf: (step: number) => trans.__('one column of %1', step),
    sliceAt: (index: string) => trans.__('at [%1, …]', index),
    range: (low: string, high: string) => trans.__('%1 to %2', low, high)
  };
}
