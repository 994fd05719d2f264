import type {
  Confirm,
  Detail,
  Event,
  RestorePlan,
  Session,
  Snapshot,
  State
} from '../../protocol';
import { Listeners } from '../../transport/listeners';
import type { IDisposable, ITransport } from '../../transport/transport';
import { Actions, type Outcome } from './actions';
import { Snapshots } from './snapshots';
import { type IWishes, Subscription } from './subscription';
import { Variables } from './variables';

/**
 * All that a view knows, without what is on the page.
 */
export class Store implements IDisposable {
  constructor(transport: ITransport, options: Store.IOptions = {}) {
    this.transport = transport;
    this.actions = new Actions(
      transport,
      () => {
        this._changed();
      },
      outcome => {
        this.outcome = outcome;
        this.snapshots.refresh();
      },
      options.asks
    );
    this.snapshots = new Snapshots(transport, () => {
      this._changed();
    });
    if (transport.snapshot !== null) {
      this._addSnapshot(transport.snapshot);
    }
    this._listening = transport.listen({
      onEvent: event => {
        this._onEvent(event);
      },
      onLink: () => {
        this._onLink();
      }
    });
    this._subscription = new Subscription(
      transport,
      {
        graph: null,
        globs: options.globs ?? [],
        rows: null,
        detail: null,
        interval: options.interval ?? 0.5,
        paused: false,
        hidden: false
      },
      state => {
        this._setState(state);
      }
    );
  }

  readonly transport: ITransport;
  readonly actions: Actions;
  readonly snapshots: Snapshots;

  state: State | null = null;

  /** The variable that the subscription asks for in full, as last told. */
  detail: Detail | null = null;

  /** What became of the last action. */
  outcome: Outcome | null = null;

  /** Goes up with every change. */
  revision = 0;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get wishes(): IWishes {
    return this._subscription.wishes;
  }

  /** The session that is shown: the chosen one, or the current graph's. */
  get session(): Session | null {
    const sessions = this.state?.sessions ?? [];
    const graph = this.wishes.graph ?? this.state?.current;
    return sessions.find(session => session.graph === graph) ?? null;
  }

  /** The variables of that session. */
  get variables(): Variables {
    return this._variablesOf(this.session?.graph ?? -1);
  }

  /** Whether actions have to wait for the running cell. */
  get waits(): boolean {
    return this.state?.busy === true && this.state.answers === 'after_cell';
  }

  /** Whether an action makes sense: the kernel is there and knows the request. */
  can(request: string): boolean {
    return (
      this.transport.link !== 'lost' &&
      this.state?.requests.includes(request) === true
    );
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._subscription.dispose();
    this._listening.dispose();
    this.transport.dispose();
    this._listeners.clear();
  }

  listen(listener: () => void): IDisposable {
    return this._listeners.add(listener);
  }

  /**
   * Changes what the kernel sends.
   */
  wish(wishes: Partial<IWishes>): void {
    this._subscription.change(wishes);
    // Rows change with every line scrolled, and nothing on the page depends on them.
    if (Object.keys(wishes).join() === 'rows') {
      return;
    }
    if (
      wishes.detail !== undefined &&
      this.detail?.reading.variable !== wishes.detail
    ) {
      this.detail = null;
    }
    this._changed();
  }

  /**
   * Does what the user asked for, or has it wait for the running cell.
   */
  act(
    label: string,
    request: Store.Change,
    agreed?: (confirm: Confirm) => boolean
  ): void {
    this.outcome = null;
    const action = agreed ? { label, request, agreed } : { label, request };
    this.actions.start(action, this.waits);
  }

  /**
   * Does what a plan says; the user has seen it, and is asked once more only where
   * it is not true any more.
   */
  restore(
    label: string,
    plan: RestorePlan,
    choice: { readonly similar: boolean; readonly partial: boolean }
  ): void {
    const { graph, generation, overwritten, undo } = plan;
    const snapshot = plan.snapshot.id;
    this.act(
      label,
      { type: 'restore', graph, generation, snapshot, ...choice },
      confirm => confirm.variables === overwritten && confirm.undo === undo
    );
  }

  /**
   * Forgets what became of the last action.
   */
  dismiss(): void {
    this.outcome = null;
    this._changed();
  }

  /**
   * Has nothing read as long as nobody can see it.
   */
  hide(hidden: boolean): void {
    this._subscription.change({ hidden });
  }

  private _onEvent(event: Event): void {
    switch (event.type) {
      case 'state':
        this._setState(event);
        return;
      case 'table':
        this._variablesOf(event.graph).addTable(event);
        break;
      case 'readings':
        // Those for all views come in spite of this one's pause.
        if (!this.wishes.paused) {
          this._variablesOf(event.graph).addReadings(event);
        }
        break;
      case 'detail':
        if (event.reading.variable === this.wishes.detail) {
          this.detail = event;
        }
        break;
      case 'ended':
        break;
    }
    this._changed();
  }

  private _onLink(): void {
    if (this.transport.link === 'lost') {
      this.actions.abandon();
      this._wasLost = true;
    } else if (this._wasLost) {
      this._wasLost = false;
      this._subscription.renew();
    }
    this._changed();
  }

  private _setState(state: State): void {
    if (this.state?.busy === true && !state.busy) {
      this.snapshots.refresh(); // the cell may have taken some
    }
    this.state = state;
    const graphs = new Set(state.sessions.map(session => session.graph));
    for (const graph of this._graphs.keys()) {
      if (!graphs.has(graph)) {
        this._graphs.delete(graph);
      }
    }
    if (!this.waits) {
      this.actions.release(state.busy);
    }
    this._changed();
  }

  private _addSnapshot(snapshot: Snapshot): void {
    this.state = snapshot.state;
    for (const table of snapshot.tables) {
      this._variablesOf(table.graph).addTable(table);
    }
    for (const readings of snapshot.readings) {
      this._variablesOf(readings.graph).addReadings(readings);
    }
  }

  private _variablesOf(graph: number): Variables {
    let variables = this._graphs.get(graph);
    if (variables === undefined) {
      variables = new Variables();
      this._graphs.set(graph, variables);
    }
    return variables;
  }

  private _changed(): void {
    this.revision += 1;
    this._listeners.tell(listener => {
      listener();
    });
  }

  private readonly _listening: IDisposable;
  private readonly _subscription: Subscription;
  private readonly _graphs = new Map<number, Variables>();
  private readonly _listeners = new Listeners<() => void>();
  private _wasLost = false;
  private _isDisposed = false;
}

export namespace Store {
  export interface IOptions {
    /** Patterns for the names of the variables that the kernel sends. */
    globs?: string[];
    /** Seconds between readings. */
    interval?: number;
    /** Whether the user has to confirm what overwrites values; always without it. */
    asks?: (confirm: Confirm) => boolean;
  }

  /** The requests that are a user's, not the view's own. */
  export type Change = Parameters<Actions['start']>[0]['request'];
}
