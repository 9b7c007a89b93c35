// Meta's error codes -> the key of a piece of advice in the locale files (`advice.<key>`).
const byCode: Record<number, string> = {
  0: 'token',
  190: 'token',
  3: 'permission',
  10: 'permission',
  131005: 'permission',
  33: 'gone',
  368: 'blocked',
  131031: 'blocked',
  130497: 'country',
  4: 'busy',
  80007: 'busy',
  130429: 'busy',
  131056: 'pace',
  131048: 'spam',
  1: 'away',
  2: 'away',
  131000: 'away',
  131016: 'away',
  131057: 'away',
  133004: 'away',
  130472: 'experiment',
  131049: 'experiment',
  131050: 'stopped',
  131021: 'self',
  131026: 'undeliverable',
  131030: 'test_number',
  131037: 'display_name',
  131042: 'payment',
  131045: 'registration',
  133010: 'registration',
  131047: 'window',
  131051: 'type',
  131052: 'customer_media',
  131053: 'media',
  132000: 'template',
  132001: 'template',
  132012: 'template',
  132015: 'template_paused',
  132016: 'template_paused',
}

/** What somebody can do about an error of Meta; null when only Meta's own words are known. */
export function adviceKey(code: number): string | null {
  if (code >= 200 && code <= 299) return 'permission'
  return byCode[code] ?? null
}

/** Whether sending the same text again can help. */
export function canHelpToRetry(code: number | undefined): boolean {
  const key = code === undefined ? null : adviceKey(code)
  return key !== 'window' && key !== 'self' && key !== 'country'
}
