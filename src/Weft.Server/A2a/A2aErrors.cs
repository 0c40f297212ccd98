namespace Weft.Server;

/// <summary>The errors of A2A (docs/protocol/a2a.md 7).</summary>
internal static class A2aErrors
{
    public const int TaskNotFound = -32001;
    public const int TaskNotCancelable = -32002;
    public const int PushNotSupported = -32003;
    public const int UnsupportedOperation = -32004;
    public const int ContentTypeNotSupported = -32005;
    public const int ExtendedCardNotConfigured = -32007;
    public const int VersionNotSupported = -32009;

    /// <summary>Returns an error with its details in the form of version 1.0, which earlier versions allow.</summary>
    public static JsonRpcException Of(int code, string message) => new(code, message)
    {
        JsonData = $$"""
            [{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"{{ReasonOf(code)}}","domain":"a2a-protocol.org"}]
            """,
    };

    public static JsonRpcException NoTask(string id) => Of(TaskNotFound, $"The task '{id}' does not exist.");

    private static string ReasonOf(int code) => code switch
    {
        TaskNotFound => "TASK_NOT_FOUND",
        TaskNotCancelable => "TASK_NOT_CANCELABLE",
        PushNotSupported => "PUSH_NOTIFICATION_NOT_SUPPORTED",
        ContentTypeNotSupported => "CONTENT_TYPE_NOT_SUPPORTED",
        ExtendedCardNotConfigured => "EXTENDED_AGENT_CARD_NOT_CONFIGURED",
        VersionNotSupported => "VERSION_NOT_SUPPORTED",
        _ => "UNSUPPORTED_OPERATION",
    };
}
