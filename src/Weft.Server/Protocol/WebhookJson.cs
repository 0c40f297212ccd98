using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The delivery of a webhook on the wire (docs/protocol/webhooks.md C9).</summary>
internal static class WebhookJson
{
    public static WebhookStatus? ParseStatus(string status) => status switch
    {
        "" => null,
        "pending" => WebhookStatus.Pending,
        "delivered" => WebhookStatus.Delivered,
        "failed" => WebhookStatus.Failed,
        _ => throw Requests.Invalid("query.status", $"'{status}' is none of pending, delivered, failed."),
    };

    public static void Write(Utf8JsonWriter writer, WebhookRecord webhook)
    {
        writer.WriteStartObject();
        WriteMembers(writer, webhook);
        writer.WriteEndObject();
    }

    public static void WriteDelivery(Utf8JsonWriter writer, (WebhookRecord Webhook, IReadOnlyList<WebhookAttempt> Attempts) delivery)
    {
        writer.WriteStartObject();
        WriteMembers(writer, delivery.Webhook);
        writer.WriteStartArray("attempts"u8);
        foreach (var attempt in delivery.Attempts)
        {
            Write(writer, attempt);
        }

        writer.WriteEndArray();
        writer.WritePropertyName("payload"u8);
        writer.WriteRawValue(delivery.Webhook.Payload.Span, skipInputValidation: true);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, WebhookRecord webhook)
    {
        writer.WriteString("run_id"u8, webhook.RunId.Value);
        writer.WriteString("thread_id"u8, webhook.ThreadId.Value);
        writer.WriteString("url"u8, webhook.Url);
        writer.WriteString("status"u8, webhook.Status.ToWire());
        writer.WriteNumber("attempt_count"u8, webhook.Attempts);
        writer.WritePropertyName("last_attempt"u8);
        if (webhook.LastAttempt is { } last)
        {
            Write(writer, last);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.Time("next_attempt_at"u8, webhook.IsClaimed ? null : webhook.DueAt);
        writer.Time("created_at"u8, webhook.CreatedAt);
        writer.Time("ended_at"u8, webhook.EndedAt);
    }

    private static void Write(Utf8JsonWriter writer, WebhookAttempt attempt)
    {
        writer.WriteStartObject();
        writer.WriteNumber("number"u8, attempt.Number);
        writer.Time("started_at"u8, attempt.StartedAt);
        writer.WriteNumber("duration_ms"u8, Math.Round(attempt.Duration.TotalMilliseconds, 3));
        if (attempt.StatusCode is { } status)
        {
            writer.WriteNumber("status_code"u8, status);
        }
        else
        {
            writer.WriteNull("status_code"u8);
        }

        writer.WriteString("error"u8, attempt.Error);
        writer.WriteEndObject();
    }
}
