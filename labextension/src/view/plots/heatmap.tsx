import { scaleDiverging } from 'd3-scale';
import { interpolateRdBu } from 'd3-scale-chromatic';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Picture } from '../../protocol';
import { useStrings } from '../components/context';
import { number } from '../format';

/**
 * What is not on the scale has a colour that the scale has not.
 */
const SPECIAL = { nan: '#ffd400', high: '#ff00c8', low: '#00a651' };

/**
 * Pixels on the page that a picture may be high.
 */
const HEIGHT = 180;

/**
 * A matrix as a picture: red is positive, white is zero, blue is negative.
 *
 * #### Notes
 * Own code, since it is one loop over the pixels of a canvas: libraries for heat
 * maps bring a whole system of charts, and draw cells as elements of the page.
 */
export function HeatMap(props: { readonly of: Picture }) {
  const { rows, columns, values, limit, index, step } = props.of;
  const strings = useStrings();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<[number, number] | null>(null);
  const numbers = values.map(Number);
  const colour = colours(limit);

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) {
      return;
    }
    numbers.forEach((value, at) => {
      context.fillStyle = colour(value);
      context.fillRect(at % columns, Math.floor(at / columns), 1, 1);
    });
  });

  const [rowStep, columnStep] = [step[0] ?? 1, step[1] ?? 1];
  const cell = (row: number, column: number) =>
    strings.heatCell(
      [...index, row * rowStep, column * columnStep].join(', '),
      number(numbers[row * columns + column] ?? NaN)
    );
  const find = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const row = ((event.clientY - box.top) / box.height) * rows;
    const column = ((event.clientX - box.left) / box.width) * columns;
    setPointed([
      Math.min(Math.max(Math.floor(row), 0), rows - 1),
      Math.min(Math.max(Math.floor(column), 0), columns - 1)
    ]);
  };
  const notes = [
    rowStep > 1 ? strings.oneRowOf(rowStep) : '',
    columnStep > 1 ? strings.oneColumnOf(columnStep) : '',
    index.length > 0 ? strings.sliceAt(index.join(', ')) : ''
  ].filter(note => note !== '');
  const width = Math.max((HEIGHT * columns) / rows, 24);
  const range = strings.range(number(-limit), number(limit));
  return (
    <figure class="jp-tfsession-plot">
      <figcaption>{[strings.heatMap, ...notes].join(', ')}</figcaption>
      <canvas
        ref={canvas}
        class="jp-tfsession-heatmap"
        width={columns}
        height={rows}
        style={{ width: `min(100%, ${width.toString()}px)` }}
        role="img"
        aria-label={`${strings.heatMap}: ${range}`}
        onMouseMove={find}
        onMouseLeave={() => {
          setPointed(null);
        }}
      />
      <Legend limit={limit} numbers={numbers} />
      <div class="jp-tfsession-readout">
        {pointed !== null && cell(...pointed)}
      </div>
    </figure>
  );
}

/**
 * The scale, and those of the special colours that occur.
 */
function Legend(props: {
  readonly limit: number;
  readonly numbers: readonly number[];
}) {
  const { limit, numbers } = props;
  const colour = colours(limit);
  const stops = [-1, -0.5, 0, 0.5, 1].map(part => colour(part * limit));
  const specials = [NaN, Infinity, -Infinity].filter(value =>
    numbers.some(found => Object.is(found, value))
  );
  return (
    <div class="jp-tfsession-legend">
      <span>{number(-limit)}</span>
      <span
        class="jp-tfsession-scale"
        style={{ background: `linear-gradient(to right, ${stops.join(', ')})` }}
      />
      <span>{number(limit)}</span>
      {specials.map(value => (
        <span key={number(value)} class="jp-tfsession-swatch">
          <i style={{ background: colour(value) }} /> {number(value)}
        </span>
      ))}
    </div>
  );
}

/**
 * The colour of a number on a scale that is symmetric about zero.
 */
export function colours(limit: number): (value: number) => string {
  const size = limit || 1;
  const scale = scaleDiverging([size, 0, -size], interpolateRdBu);
  return value => {
    if (Number.isNaN(value)) {
      return SPECIAL.nan;
    }
    if (!Number.isFinite(value)) {
      return value > 0 ? SPECIAL.high : SPECIAL.low;
    }
    return scale(value);
  };
}
