import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { COLUMNS, type ISorting } from '../model/columns';
import { keyOf, type Line } from '../model/tree';
import { useStrings } from './context';
import { Row } from './row';
import { useVirtualRows } from './virtual';

/**
 * Heights in pixels, as in the style sheet.
 */
const ROW = 24;
const HEADER = 26;

export interface ITableProps {
  /** A name that no other view on the page has. */
  readonly id: string;
  readonly lines: readonly Line[];
  readonly sorting: ISorting;
  /** Key of the line that the keyboard is at. */
  readonly active: string | null;
  readonly selected: ReadonlySet<number>;
  /** The variable that is shown in full. */
  readonly opened: number | null;
  readonly deviceIndex: (device: string) => number;
  /** What stands there when there are no lines. */
  readonly empty: string;
  readonly onSort: (sorting: ISorting) => void;
  readonly onActive: (key: string) => void;
  readonly onFold: (path: string, open: boolean) => void;
  readonly onSelect: (line: Line) => void;
  readonly onOpen: (variable: number) => void;
  readonly onVisible: (variables: number[]) => void;
}

/**
 * The variables, of which only those in sight are in the page.
 */
export function Table(props: ITableProps) {
  const { id, lines, active, onVisible } = props;
  const strings = useStrings();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualRows(scroller, {
    count: lines.length,
    height: ROW,
    header: HEADER
  });
  const items = rows.getVirtualItems();
  const position = useMemo(
    () => lines.findIndex(line => keyOf(line) === active),
    [lines, active]
  );

  const visible = items.flatMap(({ index }) => {
    const line = lines[index];
    return line?.kind === 'variable' ? [line.variable.row.variable] : [];
  });
  const visibleKey = visible.join();
  useEffect(() => {
    onVisible(visible);
  }, [visibleKey]);

  // A line that moves, because of new values, must not pull the page along.
  useLayoutEffect(() => {
    if (position >= 0 && scroller.current === document.activeElement) {
      rows.scrollToIndex(position, { align: 'auto' });
    }
  }, [active]);

  // What is shown in full takes room away, where its own line may have been.
  useLayoutEffect(() => {
    const at = lines.findIndex(
      line =>
        line.kind === 'variable' && line.variable.row.variable === props.opened
    );
    const element = scroller.current;
    if (at >= 0 && element !== null) {
      const last = HEADER + (at + 1) * ROW - element.clientHeight;
      element.scrollTop = Math.max(element.scrollTop, last);
    }
  }, [props.opened]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (handleKey(event, props, position)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  return (
    <div
      ref={scroller}
      class="jp-tfsession-table"
      role="treegrid"
      aria-label={strings.view}
      aria-rowcount={lines.length + 1}
      aria-multiselectable={true}
      aria-activedescendant={
        items.some(({ index }) => index === position)
          ? rowId(id, position)
          : undefined
      }
      tabIndex={0}
      onKeyDown={onKeyDown}
      onFocus={() => {
        const first = lines[0];
        if (position < 0 && first !== undefined) {
          props.onActive(keyOf(first));
        }
      }}
    >
      <Headers sorting={props.sorting} onSort={props.onSort} />
      <div
        class="jp-tfsession-rows"
        role="rowgroup"
        style={{ height: `${rows.getTotalSize().toString()}px` }}
      >
        {items.map(({ index, start }) => {
          const line = lines[index];
          return (
            line !== undefined && (
              <Row
                key={keyOf(line)}
                id={rowId(id, index)}
                index={index + 2}
                top={start - HEADER}
                line={line}
                active={index === position}
                selected={isSelected(line, props.selected)}
                opened={
                  line.kind === 'variable' &&
                  line.variable.row.variable === props.opened
                }
                table={props}
              />
            )
          );
        })}
      </div>
      {lines.length === 0 && (
        <div class="jp-tfsession-empty">{props.empty}</div>
      )}
    </div>
  );
}

function Headers(props: Pick<ITableProps, 'sorting' | 'onSort'>) {
  const { sorting, onSort } = props;
  const strings = useStrings();
  return (
    <div class="jp-tfsession-row jp-tfsession-headers" role="row">
      {COLUMNS.map(column => {
        const here = sorting.column === column;
        const order = sorting.descending ? 'descending' : 'ascending';
        return (
          <div
            key={column}
            class={`jp-tfsession-cell jp-tfsession-column-${column}`}
            role="columnheader"
            aria-sort={here ? order : 'none'}
          >
            <button
              type="button"
              title={strings.sortBy(strings.columns[column])}
              onClick={() => {
                onSort({ column, descending: here && !sorting.descending });
              }}
            >
              {strings.columns[column]}
              <span class="jp-tfsession-order" aria-hidden="true">
                {here ? (sorting.descending ? '▼' : '▲') : ''}
              </span>
            </button>
          </div>
        );
      })}
    </div>
  );
}

/**
 * Does what a key means in a tree grid; tells whether it means anything.
 */
function handleKey(
  event: KeyboardEvent,
  props: ITableProps,
  position: number
): boolean {
  if (event.target !== event.currentTarget || event.altKey || event.metaKey) {
    return false;
  }
  const { lines } = props;
  const line = lines[position];
  const go = (index: number) => {
    const next = lines[Math.min(Math.max(index, 0), lines.length - 1)];
    if (next !== undefined) {
      props.onActive(keyOf(next));
    }
    return true;
  };
  const page = Math.max(
    Math.floor((event.currentTarget as HTMLElement).clientHeight / ROW) - 2,
    1
  );
  switch (event.key) {
    case 'ArrowDown':
      return go(position + 1);
    case 'ArrowUp':
      return go(position - 1);
    case 'PageDown':
      return go(position + page);
    case 'PageUp':
      return go(position - page);
    case 'Home':
      return go(0);
    case 'End':
      return go(lines.length - 1);
    case 'ArrowRight':
      if (line?.kind === 'scope') {
        if (line.open) {
          return go(position + 1);
        }
        props.onFold(line.path, true);
      }
      return true;
    case 'ArrowLeft':
      if (line?.kind === 'scope' && line.open) {
        props.onFold(line.path, false);
        return true;
      }
      return go(parentOf(lines, position));
    case 'Enter':
      if (line?.kind === 'scope') {
        props.onFold(line.path, !line.open);
      } else if (line !== undefined) {
        props.onOpen(line.variable.row.variable);
      }
      return true;
    case ' ':
      if (line !== undefined) {
        props.onSelect(line);
      }
      return true;
    default:
      return false;
  }
}

function parentOf(lines: readonly Line[], position: number): number {
  const level = lines[position]?.level ?? 1;
  for (let index = position - 1; index >= 0; index -= 1) {
    if ((lines[index]?.level ?? 1) < level) {
      return index;
    }
  }
  return position;
}

function isSelected(line: Line, selected: ReadonlySet<number>): boolean {
  return line.kind === 'variable'
    ? selected.has(line.variable.row.variable)
    : line.ids.every(id => selected.has(id));
}

function rowId(view: string, index: number): string {
  return `${view}-row-${index.toString()}`;
}
