import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer
} from '@tanstack/virtual-core';
import type { RefObject } from 'preact';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/**
 * Which of many rows of one height are to be in the page.
 *
 * #### Notes
 * TanStack's adapters for frameworks look just so; there is none for Preact
 * without its compatibility layer.
 */
export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  options: { count: number; height: number; header: number }
): Virtualizer<HTMLElement, HTMLElement> {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const { count, height, header } = options;
  const settings = {
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    scrollMargin: header,
    scrollPaddingStart: header,
    overscan: 10,
    // What the page looks like before it has been measured.
    initialRect: { width: 800, height: 400 },
    scrollToFn: elementScroll,
    observeElementOffset,
    observeElementRect,
    onChange: () => {
      redraw(undefined);
    }
  };
  const [virtualizer] = useState(
    () => new Virtualizer<HTMLElement, HTMLElement>(settings)
  );
  virtualizer.setOptions(settings);
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    virtualizer._willUpdate();
  });
  return virtualizer;
}
