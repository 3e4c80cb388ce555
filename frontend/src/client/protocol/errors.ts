/** The server answered, and said no. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint?: string,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

/** The server could not be reached, or the connection broke before the answer was complete. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
}

const asText = (value: unknown) => (typeof value === "string" && value ? value : undefined);

/** Reads the error envelope `{"error": {code, message, hint, request_id}}`, or makes the best of what is there. */
export async function errorFromResponse(response: Response): Promise<ApiError> {
  let fields: Record<string, unknown> = {};
  try {
    const body = (await response.json()) as { error?: unknown };
    if (body && typeof body.error === "object" && body.error) {
      fields = body.error as Record<string, unknown>;
    }
  } catch {
    // Proxies answer with HTML; the status is all there is to say.
  }
  return new ApiError(
    response.status,
    asText(fields["code"]) ?? `http_${response.status}`,
    asText(fields["message"]) ?? "",
    asText(fields["hint"]),
    asText(fields["request_id"]),
  );
}

export const isAbort = (error: unknown) =>
  error instanceof DOMException && error.name === "AbortError";
