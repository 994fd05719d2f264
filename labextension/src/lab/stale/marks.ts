import { NotebookPanel } from '@jupyterlab/notebook';
import type { IDisposable } from '@lumino/disposable';
import type { Strings } from '../strings';
import type { Tracker } from '../tracker';

type Cell = NotebookPanel['content']['widgets'][number];

/**
 * The class of cells that have to be run again.
 */
const STALE = 'jp-tfsession-stale-cell';

/**
 * Marks the stale cells in the notebooks.
 */
export class StaleMarks implements IDisposable {
  constructor(tracker: Tracker, strings: Strings) {
    this._tracker = tracker;
    this._strings = strings;
    tracker.changed.connect(this.update, this);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._tracker.changed.disconnect(this.update, this);
      this._marked.forEach(unmark);
      this._marked.clear();
    }
  }

  /**
   * Has exactly the cells marked that are stale.
   */
  update(): void {
    const before = this._marked;
    this._marked = new Set();
    for (const connection of this._tracker.connections) {
      const stale = new Map(
        connection.state?.stale.map(cell => [cell.cell, cell.replaced_by])
      );
      if (stale.size === 0) {
        continue;
      }
      for (const { widget } of this._tracker.sourcesOf(connection)) {
        const cells =
          widget instanceof NotebookPanel ? widget.content.widgets : [];
        for (const cell of cells) {
          const causes = stale.get(cell.model.id);
          if (causes !== undefined) {
            mark(cell, this._strings.staleBecause(causes.join(', ')));
            this._marked.add(cell);
            before.delete(cell);
          }
        }
      }
    }
    before.forEach(unmark);
  }

  private readonly _tracker: Tracker;
  private readonly _strings: Strings;
  private _marked = new Set<Cell>();
  private _isDisposed = false;
}

function mark(cell: Cell, why: string): void {
  cell.addClass(STALE);
  cell.promptNode?.setAttribute('title', why);
}

function unmark(cell: Cell): void {
  if (!cell.isDisposed) {
    cell.removeClass(STALE);
    cell.promptNode?.removeAttribute('title');
  }
}
