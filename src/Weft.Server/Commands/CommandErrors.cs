namespace Weft.Server;

/// <summary>The error codes of the protocol that this server sends.</summary>
internal static class CommandErrors
{
    public const string InvalidArgument = "invalid_argument";
    public const string UnknownCommand = "unknown_command";
    public const string UnknownError = "unknown_error";
    public const string NoSuchRun = "no_such_run";
    public const string NoSuchSubscription = "no_such_subscription";
    public const string NoSuchNamespace = "no_such_namespace";
    public const string NoSuchInterrupt = "no_such_interrupt";
    public const string NoSuchCheckpoint = "no_such_checkpoint";
    public const string PermissionDenied = "permission_denied";
    public const string NotSupported = "not_supported";
}
