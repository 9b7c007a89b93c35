// What somebody chose in this browser.
import { createSavedStore } from '../lib/store'

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean'
const isIdOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'

/** The business number whose conversations are listed; null for all. */
export const chosenNumber = createSavedStore<string | null>('parley.number', null, isIdOrNull)
export const soundOn = createSavedStore('parley.sound', true, isBoolean)
/** Wanted here; the browser's permission is another matter. */
export const notificationsOn = createSavedStore('parley.notifications', false, isBoolean)
/** The card that offers notifications was answered. */
export const notificationsOffered = createSavedStore('parley.notifications-offered', false, isBoolean)
export const detailsOpen = createSavedStore('parley.details', false, isBoolean)
