namespace Weft.Server;

/// <summary>The state of a task.</summary>
internal enum A2aState
{
    Submitted,
    Working,
    InputRequired,
    Completed,
    Failed,
    Canceled,
}
