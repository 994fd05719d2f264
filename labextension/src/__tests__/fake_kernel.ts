import type {
  Detail,
  Event,
  Ok,
  Reading,
  Reply,
  Request,
  RestorePlan,
  Row,
  Session,
  Snapshot,
  State,
  StoredSnapshot
} from '../protocol';
import { Exchange } from '../transport/exchange';
import type {
  IDisposable,
  ITransport,
  Link,
  RequestBody
} from '../transport/transport';

export const CPU = '/job:localhost/replica:0/task:0/device:CPU:0';

/**
 * A transport whose kernel is the test.
 */
export class FakeKernel implements ITransport {
  /** What the view has asked, oldest first. */
  readonly requests: Request[] = [];

  readonly view = 'view';
  snapshot: Snapshot | null = null;

  /** Answers a request, or leaves it without an answer. */
  answer: (request: Request) => Reply | null = request =>
    request.type === 'subscribe' ? ok(request, this.state) : null;

  state: State = stateOf();

  private readonly _exchange = new Exchange(this.view, request => {
    this.requests.push(request);
    const reply = this.answer(request);
    if (reply !== null) {
      this._exchange.receive(reply);
    }
  });

  get link(): Link {
    return this._exchange.link;
  }

  get because(): string {
    return this._exchange.because;
  }

  get isDisposed(): boolean {
    return this._exchange.isDisposed;
  }

  dispose(): void {
    this._exchange.dispose();
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._exchange.listen(listener);
  }

  request(body: RequestBody): Promise<Reply> {
    return this._exchange.request(body);
  }

  setLink(link: Link, because = ''): void {
    this._exchange.setLink(link, because);
  }

  push(message: Event | Reply): void {
    this._exchange.receive(message);
  }

  /** Changes the state and tells the view. */
  pushState(change: Partial<State>): void {
    this.state = { ...this.state, ...change };
    this.push(this.state);
  }

  pushRows(rows: readonly Row[], total = rows.length): void {
    this.push({
      type: 'table',
      version: 1,
      view: this.view,
      graph: 1,
      generation: 1,
      total,
      rows: [...rows]
    });
  }

  pushReadings(readings: readonly Reading[], time = 1): void {
    this.push({
      type: 'readings',
      version: 1,
      view: this.view,
      graph: 1,
      generation: 1,
      time,
      run: time,
      torn: false,
      readings: [...readings]
    });
  }

  /** The requests of one type. */
  asked<T extends Request['type']>(type: T): Extract<Request, { type: T }>[] {
    return this.requests.filter(
      (request): request is Extract<Request, { type: T }> =>
        request.type === type
    );
  }
}

export function ok(
  request: Request,
  result: Ok['result'] = null,
  text = ''
): Reply {
  return { type: 'ok', version: 1, id: request.id, text, result };
}

export function stateOf(change: Partial<State> = {}): State {
  return {
    type: 'state',
    version: 1,
    time: 1_700_000_000,
    tensorflow: '2.21.0',
    sessions: [sessionOf()],
    current: 1,
    busy: false,
    cell: '',
    answers: 'now',
    guard: 'keep',
    stale: [],
    off: [],
    requests: [
      ...['hello', 'subscribe', 'reset', 'set', 'init', 'undo', 'redo'],
      ...['snapshots', 'snapshot', 'plan', 'diff', 'restore', 'enter']
    ],
    ...change
  };
}

export function sessionOf(change: Partial<Session> = {}): Session {
  return {
    graph: 1,
    name: 'default',
    state: 'open',
    default: true,
    generation: 7,
    variables: 3,
    initialized: 3,
    bytes: 4096,
    devices: [
      { name: CPU, type: 'CPU', limit: 268435456, variables: 3, bytes: 4096 }
    ],
    runs: 12,
    runs_per_second: 0,
    step: null,
    cell: '[3]',
    own_config: false,
    undo: null,
    redo: null,
    ...change
  };
}

export function rowOf(
  variable: number,
  name: string,
  change: Partial<Row> = {}
): Row {
  return {
    variable,
    name,
    operation: name,
    dtype: 'float32',
    shape: [2, 3],
    bytes: 24,
    trainable: true,
    collections: ['variables'],
    requested: '',
    marks: [],
    unreadable: '',
    unwritable: '',
    history: [],
    ...change
  };
}

export function readingOf(
  variable: number,
  text: string,
  change: Partial<Reading> = {}
): Reading {
  return {
    variable,
    initialized: true,
    text,
    note: '',
    summary: null,
    point: null,
    written: { cell: '[3]', id: 'abc', run: 12 },
    device: CPU,
    placed: 'actual',
    ...change
  };
}

export function snapshotOf(
  name: string,
  change: Partial<StoredSnapshot> = {}
): StoredSnapshot {
  return {
    id: `id-of-${name}`,
    name,
    kind: 'named',
    taken: 1_700_000_000,
    graph: 'default',
    cell: '[3]',
    begins: 'train()',
    run: 12,
    variables: 3,
    bytes: 2048,
    damage: '',
    ...change
  };
}

export function planOf(
  snapshot: StoredSnapshot,
  change: Partial<RestorePlan> = {}
): RestorePlan {
  return {
    type: 'plan',
    version: 1,
    graph: 1,
    generation: 7,
    snapshot,
    matching: 1,
    renamed: 0,
    mismatched: 0,
    missing: 0,
    untouched: 0,
    similar: 0,
    fates: [{ name: 'a', variable: 'a', what: 'matching', why: '' }],
    overwritten: 1,
    bytes: 24,
    undo: true,
    ...change
  };
}

export function detailOf(
  reading: Reading,
  change: Partial<Detail> = {}
): Detail {
  return {
    type: 'detail',
    version: 1,
    view: 'view',
    graph: 1,
    generation: 7,
    time: 1_700_000_000,
    reading,
    text: '[[1, 2, 3], [4, 5, 6]]',
    cut: false,
    histogram: { edges: [0, 1, 2], counts: [3, 5] },
    history: {
      of: 'norm',
      runs: [1, 2, 3],
      times: [1, 2, 3],
      values: [1, 'NaN', 3],
      cells: ['[3]', '[3]', '[4]']
    },
    picture: {
      kind: 'heat',
      rows: 2,
      columns: 3,
      values: [1, -2, 'NaN', 0, 'Infinity', '-Infinity'],
      limit: 2,
      index: [],
      step: [1, 1]
    },
    ...change
  };
}
