import type { Confirm, Ok, Refused } from '../../protocol';
import {
  type ITransport,
  NotConnectedError,
  type RequestBody
} from '../../transport/transport';

/**
 * Something that the user asked for.
 */
export interface IAction {
  /** What it is, for the user: "Reset 3 variables". */
  readonly label: string;
  readonly request: RequestBody;
  /** Whether the user has seen, before, what would be overwritten. */
  readonly agreed?: (confirm: Confirm) => boolean;
}

/**
 * What became of an action.
 */
export type Outcome =
  | { readonly kind: 'done'; readonly label: string; readonly reply: Ok }
  | {
      readonly kind: 'refused';
      readonly label: string;
      readonly reply: Refused;
    }
  | { readonly kind: 'lost'; readonly label: string };

/**
 * An action that has to be confirmed: it would overwrite values.
 */
export interface IQuestion {
  readonly action: IAction;
  readonly confirm: Confirm;
}

/**
 * Sends what the user asked for, once it can be done.
 *
 * #### Notes
 * A request that is sent while the kernel cannot hear it can no longer be taken
 * back. So it is kept here for as long, and can be withdrawn.
 */
export class Actions {
  constructor(
    transport: ITransport,
    onChange: () => void,
    onOutcome: (outcome: Outcome) => void,
    asks: (confirm: Confirm) => boolean = () => true
  ) {
    this._transport = transport;
    this._onChange = onChange;
    this._onOutcome = onOutcome;
    this._asks = asks;
  }

  /** Actions that wait for the cell, oldest first. */
  get waiting(): readonly IAction[] {
    return this._waiting;
  }

  /** What the user has to confirm, or `null`. */
  get question(): IQuestion | null {
    return this._questions[0] ?? null;
  }

  /** Whether an action is sent and not answered. */
  get underway(): number {
    return this._underway;
  }

  /**
   * Does it now, or puts it in the queue.
   */
  start(action: IAction, wait: boolean): void {
    if (wait) {
      this._waiting.push(action);
      this._onChange();
    } else {
      void this._send(action, action.request);
    }
  }

  withdraw(action: IAction): void {
    this._waiting = this._waiting.filter(other => other !== action);
    this._onChange();
  }

  /**
   * Does what waited, but for what the kernel wants to do after the cell only.
   */
  release(busy: boolean): void {
    const waiting = this._waiting.filter(
      action => !busy || !this._afterCell.has(action)
    );
    this._waiting = this._waiting.filter(action => !waiting.includes(action));
    for (const action of waiting) {
      void this._send(action, action.request);
    }
  }

  /**
   * Answers the question that was asked first.
   */
  answer(yes: boolean): void {
    const question = this._questions.shift();
    if (question !== undefined && yes) {
      this._confirm(question);
    }
    this._onChange();
  }

  /**
   * Gives up what nobody is there for.
   */
  abandon(): void {
    const waiting = this._waiting;
    this._waiting = [];
    this._questions.length = 0;
    for (const { label } of waiting) {
      this._onOutcome({ kind: 'lost', label });
    }
    this._onChange();
  }

  private _ask(question: IQuestion): void {
    const { action, confirm } = question;
    if (action.agreed?.(confirm) === true || !this._asks(confirm)) {
      this._confirm(question);
    } else {
      this._questions.push(question);
    }
  }

  private _confirm({ action, confirm }: IQuestion): void {
    void this._send(action, {
      ...action.request,
      confirm: confirm.token
    } as RequestBody);
  }

  private async _send(action: IAction, request: RequestBody): Promise<void> {
    const { label } = action;
    this._underway += 1;
    this._onChange();
    try {
      const reply = await this._transport.request(request);
      if (reply.type === 'ok') {
        this._onOutcome({ kind: 'done', label, reply });
      } else if (reply.code === 'confirm' && reply.confirm) {
        this._ask({ action, confirm: reply.confirm });
      } else if (reply.code === 'busy') {
        this._afterCell.add(action);
        this._waiting.push(action);
      } else {
        this._onOutcome({ kind: 'refused', label, reply });
      }
    } catch (error) {
      if (!(error instanceof NotConnectedError)) {
        throw error;
      }
      this._onOutcome({ kind: 'lost', label });
    } finally {
      this._underway -= 1;
      this._onChange();
    }
  }

  private readonly _transport: ITransport;
  private readonly _onChange: () => void;
  private readonly _onOutcome: (outcome: Outcome) => void;
  private readonly _asks: (confirm: Confirm) => boolean;
  private _waiting: IAction[] = [];
  private readonly _afterCell = new WeakSet<IAction>();
  private readonly _questions: IQuestion[] = [];
  private _underway = 0;
}
