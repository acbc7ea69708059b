import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';

// It is kept as a cookie by now: not for copied addresses, the history, and pictures of the page.
const address = new URL(location.href);
if (address.searchParams.has('token')) {
  address.searchParams.delete('token');
  history.replaceState(null, '', address);
}

const element = document.getElementById('app');
if (!element) throw new Error('the page has no #app');
createRoot(element).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
