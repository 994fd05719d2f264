import type { Event, Reply, Request } from '../protocol';
import { Listeners } from './listeners';
import {
  type IDisposable,
  type ITransport,
  type Link,
  NotConnectedError,
  type RequestBody,
  uniqueName
} from './transport';

/**
 * What all transports have in common: who listens, which requests wait for their
 * reply, and whether the link is there.
 */
export class Exchange implements IDisposable {
  constructor(view: string, send: (request: Request) => void) {
    this.view = view;
    this._send = send;
  }

  /** The name that the view goes by; another one after a new beginning. */
  view: string;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  get link(): Link {
    return this._link;
  }

  get because(): string {
    return this._because;
  }

  dispose(): void {
    this._isDisposed = true;
    this._giveUp();
    this._listeners.clear();
  }

  listen(listener: ITransport.IListener): IDisposable {
    return this._listeners.add(listener);
  }

  /**
   * Changes the link; what waits for a reply is given up where it is lost.
   */
  setLink(link: Link, because = ''): void {
    if (
      this._isDisposed ||
      (link === this._link && because === this._because)
    ) {
      return;
    }
    this._link = link;
    this._because = because;
    if (link === 'lost') {
      this._giveUp();
    }
    this._listeners.tell(listener => {
      listener.onLink();
    });
  }

  async request(body: RequestBody): Promise<Reply> {
    if (this._isDisposed || this._link === 'lost') {
      throw new NotConnectedError();
    }
    const id = uniqueName();
    return new Promise((resolve, reject) => {
      this._waiting.set(id, { resolve, reject });
      try {
        this._send({ ...body, id, version: 1 });
      } catch {
        this._waiting.delete(id);
        reject(new NotConnectedError());
      }
    });
  }

  /**
   * Takes whatever came from the kernel; what is not for this view, or of a type
   * that this front end does not know, is left.
   */
  receive(message: unknown): void {
    if (this._isDisposed || !isMessage(message)) {
      return;
    }
    switch (message.type) {
      case 'ok':
      case 'refused': {
        const waiting = this._waiting.get(message.id);
        this._waiting.delete(message.id);
        waiting?.resolve(message);
        break;
      }
      case 'table':
      case 'readings':
      case 'detail':
        if (message.view === this.view || message.view === '') {
          this._tell(message);
        }
        break;
      case 'state':
      case 'ended':
        this._tell(message);
        break;
    }
  }

  private _tell(event: Event): void {
    this._listeners.tell(listener => {
      listener.onEvent(event);
    });
  }

  private _giveUp(): void {
    const waiting = [...this._waiting.values()];
    this._waiting.clear();
    for (const { reject } of waiting) {
      reject(new NotConnectedError());
    }
  }

  private readonly _send: (request: Request) => void;
  private readonly _listeners = new Listeners<ITransport.IListener>();
  private readonly _waiting = new Map<string, Private.IWaiting>();
  private _link: Link = 'connecting';
  private _because = '';
  private _isDisposed = false;
}

/**
 * Whether something is a message of this version of the protocol.
 *
 * #### Notes
 * What is inside is not looked at: the kernel validates what it sends.
 */
export function isMessage(message: unknown): message is Event | Reply {
  return (
    typeof message === 'object' &&
    message !== null &&
    'type' in message &&
    'version' in message &&
    message.version === 1
  );
}

namespace Private {
  export interface IWaiting {
    readonly resolve: (reply: Reply) => void;
    readonly reject: (error: Error) => void;
  }
}
