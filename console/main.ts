/** The entry: asks for what every page needs, then brings the application. */
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import './shell/style.css';
import { askEarly } from './api/early.ts';

askEarly();
await import('./app.tsx');
