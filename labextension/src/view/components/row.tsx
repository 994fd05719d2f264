import type { JSX } from 'preact';
import { bytes, count, number, shape } from '../format';
import { type Column, COLUMNS, stateOf } from '../model/columns';
import { keyOf, type Line } from '../model/tree';
import type { IVariable } from '../model/variables';
import type { Written } from '../../protocol';
import { Sparkline } from '../plots/sparkline';
import { useStrings } from './context';
import { Device } from './device';
import { memo } from './memo';
import type { ITableProps } from './table';

/**
 * Deeper scopes are not indented any further.
 */
const DEEPEST = 10;

/**
 * Longer texts are cut in tooltips, which are of no use when they fill the page.
 */
const TOOLTIP = 600;

export interface IRowProps {
  readonly id: string;
  /** The number of the row for screen readers, which count the header. */
  readonly index: number;
  readonly top: number;
  readonly line: Line;
  readonly active: boolean;
  readonly selected: boolean;
  readonly opened: boolean;
  readonly table: ITableProps;
}

/**
 * One line of the table.
 *
 * #### Notes
 * Scrolling leaves most lines as they are; new values come with new props.
 */
export const Row = memo(function Row(props: IRowProps) {
  const { line, table } = props;
  const isScope = line.kind === 'scope';
  const onClick = (event: MouseEvent) => {
    table.onActive(keyOf(line));
    if (event.ctrlKey || event.metaKey) {
      table.onSelect(line);
    } else if (isScope) {
      table.onFold(line.path, !line.open);
    } else {
      table.onOpen(line.variable.row.variable);
    }
  };
  const marks = [
    'jp-tfsession-row',
    isScope ? 'jp-tfsession-scope' : `jp-mod-${stateOf(line.variable)}`,
    props.active ? 'jp-mod-active' : '',
    props.selected ? 'jp-mod-selected' : '',
    props.opened ? 'jp-mod-opened' : ''
  ];
  return (
    <div
      id={props.id}
      class={marks.filter(mark => mark !== '').join(' ')}
      style={{ transform: `translateY(${props.top.toString()}px)` }}
      role="row"
      aria-rowindex={props.index}
      aria-level={line.level}
      aria-expanded={isScope ? line.open : undefined}
      aria-selected={props.selected}
      onClick={onClick}
    >
      <Name {...props} />
      {isScope ? (
        <ScopeCells bytes={line.bytes} />
      ) : (
        COLUMNS.filter(column => column !== 'name').map(column => (
          <div
            key={column}
            class={`jp-tfsession-cell jp-tfsession-column-${column}`}
            role="gridcell"
          >
            <Cell column={column} variable={line.variable} table={table} />
          </div>
        ))
      )}
    </div>
  );
});

function Name(props: IRowProps) {
  const { line, table } = props;
  const strings = useStrings();
  const isScope = line.kind === 'scope';
  const name = isScope ? line.path : line.variable.row.name;
  const hint = isScope ? '' : strings.stateHints[stateOf(line.variable)];
  const indent = Math.min(line.level - 1, DEEPEST);
  return (
    <div
      class="jp-tfsession-cell jp-tfsession-column-name"
      role="rowheader"
      title={`${name.slice(0, TOOLTIP)}\n${hint}`.trim()}
      style={{ '--jp-tfsession-level': indent.toString() }}
    >
      <input
        type="checkbox"
        checked={props.selected}
        tabIndex={-1}
        aria-hidden="true"
        onClick={event => {
          event.stopPropagation();
          table.onSelect(line);
        }}
      />
      <span class="jp-tfsession-fold" aria-hidden="true">
        {isScope ? (line.open ? '▾' : '▸') : ''}
      </span>
      <span class="jp-tfsession-name">
        {isScope ? `${line.label}/` : line.label}
      </span>
      {isScope && (
        <span
          class="jp-tfsession-count"
          aria-label={strings.variables(line.ids.length)}
        >
          {count(line.ids.length)}
        </span>
      )}
    </div>
  );
}

function ScopeCells(props: { readonly bytes: number }) {
  return (
    <>
      {COLUMNS.filter(column => column !== 'name').map(column => (
        <div
          key={column}
          class={`jp-tfsession-cell jp-tfsession-column-${column}`}
          role="gridcell"
        >
          {column === 'bytes' ? bytes(props.bytes) : ''}
        </div>
      ))}
    </>
  );
}

interface ICellProps {
  readonly column: Column;
  readonly variable: IVariable;
  readonly table: ITableProps;
}

function Cell({ column, variable, table }: ICellProps): JSX.Element | string {
  const strings = useStrings();
  const { row, reading, points } = variable;
  switch (column) {
    case 'name':
      return row.name;
    case 'state': {
      const state = stateOf(variable);
      return (
        <span
          class={`jp-tfsession-state jp-tfsession-state-${state}`}
          title={strings.stateHints[state]}
        >
          {strings.states[state]}
        </span>
      );
    }
    case 'value':
      return <Value variable={variable} />;
    case 'trend':
      return points.length < 2 ? (
        ''
      ) : (
        <Sparkline
          points={points}
          label={strings.trendLabel(number(points[points.length - 1] ?? NaN))}
        />
      );
    case 'dtype':
      return row.dtype;
    case 'shape':
      return shape(row.shape);
    case 'bytes':
      return row.bytes === null ? '–' : bytes(row.bytes);
    case 'device':
      return <Device variable={variable} index={table.deviceIndex} />;
    case 'written':
      return <WrittenBy written={reading?.written ?? null} />;
  }
}

function Value(props: { readonly variable: IVariable }) {
  const { row, reading } = props.variable;
  if (reading === null) {
    return <span class="jp-tfsession-weak">{row.unreadable}</span>;
  }
  const { text, note, summary } = reading;
  if (text === '') {
    return <span class="jp-tfsession-weak">{note}</span>;
  }
  // First, since the end of the line is often cut off.
  const special = [
    ['NaN', summary?.nan ?? 0],
    ['Inf', summary?.inf ?? 0]
  ] as const;
  return (
    <span
      class="jp-tfsession-value"
      title={[text, note].join('\n').slice(0, TOOLTIP)}
    >
      {special.map(
        ([name, times]) =>
          times > 0 && (
            <span key={name} class="jp-tfsession-alarm">
              {times === 1 ? name : `${count(times)} ${name}`}
            </span>
          )
      )}
      {text}
    </span>
  );
}

function WrittenBy(props: { readonly written: Written | null }) {
  const strings = useStrings();
  const { written } = props;
  return (
    written && (
      <span title={strings.writtenBy(written.cell, written.run)}>
        {strings.writtenShort(written.cell, written.run)}
      </span>
    )
  );
}
