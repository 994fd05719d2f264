import type { StaleCell } from '../../protocol';

/**
 * The part of a notebook that is used here; JupyterLab's panel is one.
 */
export interface INotebook {
  readonly content: {
    readonly widgets: readonly { readonly model: { readonly id: string } }[];
  };
}

/**
 * A cell that has to be run again, and where it is.
 */
export interface IPlacedCell<N extends INotebook> {
  readonly stale: StaleCell;
  /** `null` for a cell of a console, or one that was deleted. */
  readonly notebook: N | null;
  /** Its place in the notebook. */
  readonly index: number;
}

/**
 * Finds stale cells in the notebooks of their kernel; in notebook order, those that
 * are in none last.
 */
export function placed<N extends INotebook>(
  stale: readonly StaleCell[],
  notebooks: readonly N[]
): readonly IPlacedCell<N>[] {
  const left = new Map(stale.map(cell => [cell.cell, cell]));
  const found = notebooks.flatMap(notebook =>
    notebook.content.widgets.flatMap(({ model }, index) => {
      const cell = left.get(model.id);
      return cell !== undefined && left.delete(model.id)
        ? [{ stale: cell, notebook, index }]
        : [];
    })
  );
  const others = stale
    .filter(cell => left.get(cell.cell) === cell || cell.cell === '')
    .map(cell => ({ stale: cell, notebook: null, index: -1 }));
  return [...found, ...others];
}
