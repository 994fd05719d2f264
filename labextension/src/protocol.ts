// Generated from ../jupyter_tfsession/frontend/protocol.schema.json by `make protocol`: do not edit.

export type Request =
  | Close
  | Compare
  | Enter
  | GetDetail
  | GetSnapshots
  | GetTable
  | Hello
  | Initialize
  | PlanRestore
  | Redo
  | Reset
  | Restore
  | SetGuard
  | SetValue
  | Subscribe
  | TakeSnapshot
  | Undo
  | Unsubscribe;
export type Event = Detail | Ended | Readings | State | Table;
export type Reply = Ok | Refused;

/**
 * Messages of jupyter_tfsession, version 1. Generated.
 */
export interface Protocol {
  Opened?: Opened;
  Request?: Request;
  Event?: Event;
  Reply?: Reply;
  Snapshot?: Snapshot;
}
/**
 * What ``comm_open`` carries.
 *
 */
export interface Opened {
  version: 1;
  role: 'events' | 'requests';
  view: string;
}
/**
 * Closes a session; unless discarded, its values wait on the host.
 *
 */
export interface Close {
  type: 'close';
  version: 1;
  id: string;
  graph: number;
  generation: number;
  confirm?: string | null;
  discard?: boolean;
}
/**
 * Asks for the `Difference` between a snapshot and now.
 *
 */
export interface Compare {
  type: 'diff';
  version: 1;
  id: string;
  limit?: number;
  graph: number;
  snapshot: string;
}
/**
 * Goes on in another section of the notebook, once no cell runs.
 *
 */
export interface Enter {
  type: 'enter';
  version: 1;
  id: string;
  graph: number;
}
/**
 * Asks for the `Detail` of one variable.
 *
 */
export interface GetDetail {
  type: 'detail';
  version: 1;
  id: string;
  graph: number;
  variable: number;
}
/**
 * Asks for the `SnapshotList`.
 *
 */
export interface GetSnapshots {
  type: 'snapshots';
  version: 1;
  id: string;
}
/**
 * Asks for a part of the `Table`, which a subscription sends by itself.
 *
 */
export interface GetTable {
  type: 'table';
  version: 1;
  id: string;
  graph: number;
  /**
   * @maxItems 32
   */
  globs?: string[];
  offset?: number;
  limit?: number;
}
/**
 * Asks for the `State`; the first request of a view.
 *
 */
export interface Hello {
  type: 'hello';
  version: 1;
  id: string;
}
/**
 * Initializes the variables that are not initialized.
 *
 */
export interface Initialize {
  type: 'init';
  version: 1;
  id: string;
  graph: number;
  generation: number;
}
/**
 * Asks for the `RestorePlan`: what `Restore` would do.
 *
 */
export interface PlanRestore {
  type: 'plan';
  version: 1;
  id: string;
  similar?: boolean;
  graph: number;
  snapshot: string;
}
/**
 * Does again what was undone last.
 *
 */
export interface Redo {
  type: 'redo';
  version: 1;
  id: string;
  graph: number;
  generation: number;
}
/**
 * Gives variables their initial values again; without `variables`, all.
 *
 */
export interface Reset {
  type: 'reset';
  version: 1;
  id: string;
  graph: number;
  generation: number;
  confirm?: string | null;
  variables?: number[] | null;
}
/**
 * Gives variables the values of a snapshot: all of them, or nothing is done.
 *
 */
export interface Restore {
  type: 'restore';
  version: 1;
  id: string;
  graph: number;
  generation: number;
  confirm?: string | null;
  snapshot: string;
  similar?: boolean;
  partial?: boolean;
}
/**
 * Chooses what becomes of an initializer that comes round again.
 *
 */
export interface SetGuard {
  type: 'guard';
  version: 1;
  id: string;
  policy: 'error' | 'keep' | 'off';
}
/**
 * Gives one variable a value, written as JSON: ``1.5``, ``[[1, 2], [3, NaN]]``, ``"text"``.
 *
 */
export interface SetValue {
  type: 'set';
  version: 1;
  id: string;
  graph: number;
  generation: number;
  confirm?: string | null;
  variable: number;
  value: string;
}
/**
 * Has a view sent events from now on, or changes what it is sent; the reply is the `State`.
 *
 */
export interface Subscribe {
  type: 'subscribe';
  version: 1;
  id: string;
  view: string;
  graph?: number | null;
  /**
   * @maxItems 32
   */
  globs?: string[];
  rows?: number[] | null;
  detail?: number | null;
  interval?: number;
  paused?: boolean;
}
/**
 * Keeps the values of all variables on the disk.
 *
 */
export interface TakeSnapshot {
  type: 'snapshot';
  version: 1;
  id: string;
  graph: number;
  name?: string;
}
/**
 * Takes back the last change of values.
 *
 */
export interface Undo {
  type: 'undo';
  version: 1;
  id: string;
  graph: number;
  generation: number;
}
/**
 * Has a view sent nothing more.
 *
 */
export interface Unsubscribe {
  type: 'unsubscribe';
  version: 1;
  id: string;
  view: string;
}
/**
 * One variable in full.
 *
 */
export interface Detail {
  type: 'detail';
  version: 1;
  view: string;
  graph: number;
  generation: number;
  time: number;
  reading: Reading;
  text: string;
  cut: boolean;
  histogram: Histogram | null;
  history: History;
  picture: Picture | null;
}
/**
 * What a variable holds.
 *
 */
export interface Reading {
  variable: number;
  initialized: boolean;
  text: string;
  note: string;
  summary: Summary | null;
  point: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  written: Written | null;
  device: string;
  placed: 'actual' | 'requested';
}
/**
 * What a value is like; of complex numbers, their magnitudes.
 *
 */
export interface Summary {
  elements: number;
  sampled: number;
  mean: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  std: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  min: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  max: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  nan: number;
  inf: number;
  zeros: number;
}
/**
 * Who wrote a variable last.
 *
 */
export interface Written {
  cell: string;
  id: string;
  run: number;
}
/**
 * Counts of the finite elements between successive edges.
 *
 */
export interface Histogram {
  /**
   * @maxItems 65
   */
  edges: number[];
  /**
   * @maxItems 64
   */
  counts: number[];
}
/**
 * How the value of a scalar, or the norm of anything else, went; oldest first.
 *
 */
export interface History {
  of: 'norm' | 'value';
  /**
   * @maxItems 240
   */
  runs: number[];
  /**
   * @maxItems 240
   */
  times: number[];
  /**
   * @maxItems 240
   */
  values: (('-Infinity' | 'Infinity' | 'NaN') | number)[];
  /**
   * @maxItems 240
   */
  cells: string[];
}
/**
 * A value as a picture: a matrix as a heat map, a vector as a line.
 *
 */
export interface Picture {
  kind: 'heat' | 'line';
  rows: number;
  columns: number;
  /**
   * @maxItems 4096
   */
  values: (('-Infinity' | 'Infinity' | 'NaN') | number)[];
  limit: number;
  /**
   * @maxItems 256
   */
  index: number[];
  /**
   * @maxItems 2
   */
  step: number[];
}
/**
 * Nothing more will come: the extension was unloaded, or the view forgotten.
 *
 */
export interface Ended {
  type: 'ended';
  version: 1;
  because: string;
}
/**
 * Readings that have changed since the last ones sent to this view.
 *
 */
export interface Readings {
  type: 'readings';
  version: 1;
  view: string;
  graph: number;
  generation: number;
  time: number;
  run: number;
  torn: boolean;
  /**
   * @maxItems 1000
   */
  readings: Reading[];
}
/**
 * What is the same for all views.
 *
 */
export interface State {
  type: 'state';
  version: 1;
  time: number;
  tensorflow: string | null;
  /**
   * @maxItems 256
   */
  sessions: Session[];
  current: number | null;
  busy: boolean;
  cell: string;
  answers: 'after_cell' | 'now';
  guard: 'error' | 'keep' | 'off';
  /**
   * @maxItems 256
   */
  stale: StaleCell[];
  /**
   * @maxItems 64
   */
  off: SwitchedOff[];
  /**
   * @maxItems 64
   */
  requests: string[];
}
/**
 * A graph and its session.
 *
 */
export interface Session {
  graph: number;
  name: string;
  state: 'closed' | 'open' | 'parked';
  default: boolean;
  generation: number;
  variables: number;
  initialized: number;
  bytes: number;
  /**
   * @maxItems 256
   */
  devices: Device[];
  runs: number;
  runs_per_second: number;
  step: number | null;
  cell: string;
  own_config: boolean;
  undo: Change | null;
  redo: Change | null;
  section?: Section | null;
  poisoned?: boolean;
  snapshots?: number;
}
/**
 * A device of a session, and what sits on it.
 *
 */
export interface Device {
  name: string;
  type: string;
  limit: number | null;
  variables: number;
  bytes: number;
}
/**
 * A change of values that can be taken back, or done again.
 *
 */
export interface Change {
  what: string;
  variables: number;
  bytes: number;
  cell: string;
}
/**
 * The part of the notebook to which a session belongs.
 *
 */
export interface Section {
  name: string;
  began: string;
  current: boolean;
}
/**
 * A cell that uses what other cells have replaced since.
 *
 */
export interface StaleCell {
  cell: string;
  label: string;
  begins: string;
  /**
   * @maxItems 100
   */
  replaced_by: string[];
}
/**
 * A feature that failed or that this TensorFlow lacks something for.
 *
 */
export interface SwitchedOff {
  purpose: string;
  because: string;
}
/**
 * Rows that are new or have changed; TensorFlow never removes a variable from a graph.
 *
 */
export interface Table {
  type: 'table';
  version: 1;
  view: string;
  graph: number;
  generation: number;
  total: number;
  /**
   * @maxItems 1000
   */
  rows: Row[];
}
/**
 * A variable, but for its value.
 *
 */
export interface Row {
  variable: number;
  name: string;
  operation: string;
  dtype: string;
  shape: (number | null)[] | null;
  bytes: number | null;
  trainable: boolean;
  /**
   * @maxItems 64
   */
  collections: string[];
  requested: string;
  /**
   * @maxItems 3
   */
  marks: ('redefined' | 'retired' | 'stale')[];
  unreadable: string;
  unwritable: string;
  /**
   * @maxItems 60
   */
  history: (('-Infinity' | 'Infinity' | 'NaN') | number)[];
}
/**
 * A request was done.
 *
 */
export interface Ok {
  type: 'ok';
  version: 1;
  id: string;
  text: string;
  result:
    (Detail | Difference | RestorePlan | SnapshotList | State | Table) | null;
}
/**
 * How far variables moved since a snapshot.
 *
 */
export interface Difference {
  type: 'diff';
  version: 1;
  graph: number;
  snapshot: StoredSnapshot;
  time: number;
  moved: number;
  same: number;
  only_before: number;
  only_now: number;
  /**
   * @maxItems 1000
   */
  furthest: Moved[];
}
/**
 * A snapshot on the disk.
 *
 */
export interface StoredSnapshot {
  id: string;
  name: string;
  kind: 'autosave' | 'named' | 'rescue';
  taken: number;
  graph: string;
  cell: string;
  begins: string;
  run: number;
  variables: number;
  bytes: number;
  damage: string;
}
/**
 * How far one variable moved.
 *
 */
export interface Moved {
  name: string;
  norm: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  relative: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  largest: ('-Infinity' | 'Infinity' | 'NaN') | number | null;
  changed: number;
  strange: number;
  why: string;
}
/**
 * What restoring would do; nothing was done.
 *
 */
export interface RestorePlan {
  type: 'plan';
  version: 1;
  graph: number;
  generation: number;
  snapshot: StoredSnapshot;
  matching: number;
  renamed: number;
  mismatched: number;
  missing: number;
  untouched: number;
  similar: number;
  /**
   * @maxItems 1000
   */
  fates: Fate[];
  overwritten: number;
  bytes: number;
  undo: boolean;
}
/**
 * What becomes of one value, or of one variable.
 *
 */
export interface Fate {
  name: string;
  variable: string;
  what: 'matching' | 'mismatched' | 'missing' | 'renamed' | 'untouched';
  why: string;
}
/**
 * The snapshots that there are, latest first.
 *
 */
export interface SnapshotList {
  type: 'snapshots';
  version: 1;
  root: string;
  total: number;
  /**
   * @maxItems 1000
   */
  snapshots: StoredSnapshot[];
}
/**
 * A request was not done, and nothing has changed.
 *
 */
export interface Refused {
  type: 'refused';
  version: 1;
  id: string;
  code:
    | 'busy'
    | 'confirm'
    | 'internal'
    | 'invalid'
    | 'malformed'
    | 'stale'
    | 'tensorflow'
    | 'unavailable'
    | 'unknown'
    | 'version';
  message: string;
  confirm?: Confirm | null;
}
/**
 * What a request would overwrite.
 *
 */
export interface Confirm {
  token: string;
  variables: number;
  bytes: number;
  undo: boolean;
  text: string;
}
/**
 * All that a view needs to begin with, or to show when there is no kernel to ask.
 *
 */
export interface Snapshot {
  state: State;
  /**
   * @maxItems 16
   */
  tables: Table[];
  /**
   * @maxItems 16
   */
  readings: Readings[];
}
