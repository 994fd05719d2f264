import type { IDisposable } from '../transport/transport';

/**
 * Tells whether an element can be seen: on screen, and in a page that is shown.
 */
export function watchVisibility(
  element: HTMLElement,
  onChange: (visible: boolean) => void
): IDisposable {
  let onScreen = true;
  let isDisposed = false;
  const tell = () => {
    onChange(onScreen && document.visibilityState !== 'hidden');
  };
  const observer = new IntersectionObserver(entries => {
    onScreen = entries[entries.length - 1]?.isIntersecting ?? onScreen;
    tell();
  });
  observer.observe(element);
  document.addEventListener('visibilitychange', tell);
  return {
    get isDisposed() {
      return isDisposed;
    },
    dispose() {
      isDisposed = true;
      observer.disconnect();
      document.removeEventListener('visibilitychange', tell);
    }
  };
}
