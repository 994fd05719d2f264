import type { ScaleContinuousNumeric } from 'd3-scale';
import type { ComponentChildren } from 'preact';
import { number } from '../format';

export type Scale = ScaleContinuousNumeric<number, number>;

/**
 * The room that all plots have, in the units of the drawing.
 */
export const WIDTH = 320;
export const HEIGHT = 120;
export const INNER = {
  left: 44,
  right: WIDTH - 8,
  top: 6,
  bottom: HEIGHT - 18
};

/**
 * A plot: its axes with their ticks, and what is drawn in between.
 */
export function Plot(props: {
  readonly title: string;
  readonly summary: string;
  readonly x: Scale;
  readonly y: Scale;
  readonly children: ComponentChildren;
  readonly onMove?: (x: number) => void;
  readonly onLeave?: () => void;
}) {
  const { title, summary, x, y, children, onMove, onLeave } = props;
  const move = (event: MouseEvent) => {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    onMove?.(((event.clientX - box.left) / box.width) * WIDTH);
  };
  return (
    <figure class="jp-tfsession-plot">
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${WIDTH.toString()} ${HEIGHT.toString()}`}
        role="img"
        aria-label={`${title}: ${summary}`}
        onMouseMove={move}
        onMouseLeave={onLeave}
      >
        <g class="jp-tfsession-axis">
          {y.ticks(4).map(tick => (
            <g key={tick} transform={`translate(0 ${y(tick).toString()})`}>
              <line x1={INNER.left} x2={INNER.right} />
              <text x={INNER.left - 4} dy="0.32em" text-anchor="end">
                {number(tick)}
              </text>
            </g>
          ))}
          {x.ticks(5).map(tick => (
            <text key={tick} x={x(tick)} y={HEIGHT - 5} text-anchor="middle">
              {number(tick)}
            </text>
          ))}
        </g>
        {children}
      </svg>
      <div class="jp-tfsession-readout">{summary}</div>
    </figure>
  );
}
