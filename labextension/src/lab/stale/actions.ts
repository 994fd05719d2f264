import type { JupyterFrontEnd } from '@jupyterlab/application';
import { NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator } from '@jupyterlab/translation';
import type { Connection } from '../connection';
import type { Tracker } from '../tracker';
import { type IPlacedCell, placed } from './cells';

/**
 * A stale cell in a notebook of this page.
 */
export type PlacedCell = IPlacedCell<NotebookPanel>;

/**
 * What can be done about stale cells.
 */
export class StaleActions {
  constructor(
    shell: JupyterFrontEnd.IShell,
    tracker: Tracker,
    translator: ITranslator
  ) {
    this._shell = shell;
    this._tracker = tracker;
    this._translator = translator;
  }

  /** The stale cells of a kernel, in notebook order. */
  cellsOf(connection: Connection | null): readonly PlacedCell[] {
    const stale = connection?.state?.stale ?? [];
    return connection === null || stale.length === 0
      ? []
      : placed(stale, this.notebooksOf(connection));
  }

  notebooksOf(connection: Connection): readonly NotebookPanel[] {
    return this._tracker
      .sourcesOf(connection)
      .map(source => source.widget)
      .filter(widget => widget instanceof NotebookPanel);
  }

  /**
   * Brings a cell into sight and selects it.
   */
  async goTo({ notebook, index }: PlacedCell): Promise<void> {
    const cell = notebook?.content.widgets[index];
    if (notebook && cell !== undefined) {
      this._shell.activateById(notebook.id);
      notebook.content.deselectAll();
      notebook.content.activeCellIndex = index;
      await notebook.content.scrollToCell(cell, 'smart');
    }
  }

  /**
   * Runs cells again, in the order given; a failure ends it.
   */
  async rerun(cells: readonly PlacedCell[]): Promise<void> {
    const notebooks = new Set(cells.map(({ notebook }) => notebook));
    for (const notebook of notebooks) {
      if (notebook === null) {
        continue;
      }
      const widgets = cells
        .filter(cell => cell.notebook === notebook)
        .flatMap(({ index }) => notebook.content.widgets[index] ?? []);
      const succeeded = await NotebookActions.runCells(
        notebook.content,
        widgets,
        notebook.sessionContext,
        undefined,
        this._translator
      );
      if (!succeeded) {
        return;
      }
    }
  }

  private readonly _shell: JupyterFrontEnd.IShell;
  private readonly _tracker: Tracker;
  private readonly _translator: ITranslator;
}
