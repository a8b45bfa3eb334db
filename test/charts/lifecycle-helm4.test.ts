import { lifecycleSuite } from './lifecycle.ts';

lifecycleSuite('helm');
