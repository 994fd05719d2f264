import type { Reading, Readings, Row, Table } from '../../protocol';

/**
 * Points that a sparkline shows.
 */
const POINTS = 60;

/**
 * A variable: what it is, and what was last read of it.
 */
export interface IVariable {
  row: Row;
  reading: Reading | null;
  /** Points of the sparkline, oldest first. */
  points: number[];
  /** When it was read, in seconds since 1970. */
  readAt: number;
}

/**
 * The variables of one graph, as messages tell of them.
 */
export class Variables {
  /** Rows that the graph has; 0 before the first message. */
  total = 0;

  /** Goes up when rows are added or change. */
  rowsRevision = 0;

  /** Goes up when readings arrive. */
  readingsRevision = 0;

  /** When the last readings were taken, in seconds since 1970. */
  readAt = 0;

  /** Whether something ran while they were taken. */
  torn = false;

  get size(): number {
    return this._known.size;
  }

  get(id: number): IVariable | undefined {
    return this._known.get(id);
  }

  /** All variables in the order of creation. */
  all(): readonly IVariable[] {
    this._sorted ??= [...this._known.values()].sort(
      (one, other) => one.row.variable - other.row.variable
    );
    return this._sorted;
  }

  addTable(table: Table): void {
    this.total = table.total;
    for (const row of table.rows) {
      const points = row.history.map(Number).slice(-POINTS);
      const known = this._known.get(row.variable);
      if (known === undefined) {
        this._known.set(row.variable, {
          row,
          reading: null,
          points,
          readAt: 0
        });
      } else {
        known.row = row;
        if (points.length > 0) {
          known.points = points;
        }
      }
    }
    this._sorted = null;
    this.rowsRevision += 1;
  }

  addReadings(message: Readings): void {
    for (const reading of message.readings) {
      const known = this._known.get(reading.variable);
      // The same readings may come twice: for this view, and for all.
      if (known === undefined || message.time <= known.readAt) {
        continue;
      }
      known.reading = reading;
      known.readAt = message.time;
      if (reading.point !== null) {
        known.points = [
          ...known.points.slice(1 - POINTS),
          Number(reading.point)
        ];
      }
    }
    this.readAt = Math.max(this.readAt, message.time);
    this.torn = message.torn;
    this.readingsRevision += 1;
  }

  private readonly _known = new Map<number, IVariable>();
  private _sorted: IVariable[] | null = null;
}
