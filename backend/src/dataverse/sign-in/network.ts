import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from '@azure/msal-node';

/**
 * msal-node's network over our `fetch`. `forward` sends requests for one https origin to another one: msal-node takes
 * only https authorities, and a local token endpoint speaks http.
 */
export function msalNetwork(
  send: typeof fetch,
  forward?: { readonly from: string; readonly to: string },
): INetworkModule {
  const exchange = async <T>(
    method: 'GET' | 'POST',
    url: string,
    options?: NetworkRequestOptions,
  ): Promise<NetworkResponse<T>> => {
    const target =
      forward && url.startsWith(`${forward.from}/`) ? forward.to + url.slice(forward.from.length) : url;
    const response = await send(target, {
      method,
      headers: options?.headers ?? {},
      ...(options?.body === undefined ? {} : { body: options.body }),
    });
    // msal-node names the shape it expects by T and checks the fields itself.
    const body = (await jsonOf(response)) as T;
    return { headers: Object.fromEntries(response.headers), status: response.status, body };
  };
  return {
    sendGetRequestAsync: (url, options) => exchange('GET', url, options),
    sendPostRequestAsync: (url, options) => exchange('POST', url, options),
  };
}

/** What the engine says of a text that is no JSON shows a piece of it, which could be of a token. */
async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status} with ${text.length} characters that are not JSON`);
  }
}
