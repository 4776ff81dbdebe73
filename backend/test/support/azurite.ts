export { type Azurite, startAzurite } from '../../demo/azurite.ts';
