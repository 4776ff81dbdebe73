import { usualAlertRules } from '../../backup/index.ts';
import type { AlertPolicy } from '../settings.ts';

/** Where a configuration says nothing about alerts. */
export const usualAlertPolicy: AlertPolicy = { ...usualAlertRules, lateIntervals: 3, webhooks: [] };
