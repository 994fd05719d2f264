import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Store } from '../model/store';
import { english, type Strings, stringsOf } from '../strings';

const StringsContext = createContext<Strings>(stringsOf(english));

export const StringsProvider = StringsContext.Provider;

/**
 * The texts in the user's language.
 */
export function useStrings(): Strings {
  return useContext(StringsContext);
}

/**
 * Draws the component again when the store has changed, once a frame at most.
 */
export function useStore(store: Store): void {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    let frame = 0;
    const listening = store.listen(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        redraw(undefined);
      });
    });
    // Whatever came between the first drawing and now.
    redraw(undefined);
    return () => {
      listening.dispose();
      cancelAnimationFrame(frame);
    };
  }, [store]);
}
