using System.Text.Json;

namespace Weft.Runs;

/// <summary>Keeps the assistants that clients create, with all of their versions.</summary>
/// <remarks>
/// Every implementation passes <c>AssistantStoreContract</c>. Ids are unique per actor: two actors may have assistants of the
/// same id, so that nobody learns of the other's.
/// </remarks>
public interface IAssistantStore
{
    /// <summary>
    /// Returns the current version of an assistant; null when the actor has no such assistant. It does not depend on the scope of the
    /// actor, because callers cache the result.
    /// </summary>
    Task<AssistantRecord?> FindAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken);

    /// <summary>Adds an assistant with its first version. Returns false when its owner has one with this id.</summary>
    Task<bool> TryCreateAsync(AssistantRecord assistant, CancellationToken cancellationToken);

    /// <summary>
    /// Adds a version to an assistant of the owner and makes it the current one. It gets the number after the greatest one,
    /// whatever <see cref="AssistantRecord.Version"/> says, and returns it.
    /// </summary>
    /// <param name="next">The new version, whose <see cref="AssistantRecord.UpdatedAt"/> is the time of the change.</param>
    /// <param name="from">The version that was current when it was read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The number; null, and nothing is changed, when another version is current or the assistant is missing.</returns>
    Task<int?> TryAddVersionAsync(AssistantRecord next, int from, CancellationToken cancellationToken);

    /// <summary>
    /// Makes a version the current one. Returns it; null when the version or the assistant does not exist, or the actor does not see the
    /// version.
    /// </summary>
    Task<AssistantRecord?> SetLatestAsync(
        Actor actor, AssistantId assistantId, int version, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Removes an assistant with its versions. Returns false when the actor has no such assistant.</summary>
    Task<bool> DeleteAsync(Actor actor, AssistantId assistantId, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a page of the versions of an assistant that the actor sees and whose metadata contains the given object, the newest first.
    /// </summary>
    Task<LazyPage<AssistantRecord>> OpenVersionsAsync(
        Actor actor, AssistantId assistantId, JsonElement? metadata, int limit, int offset, CancellationToken cancellationToken);

    /// <summary>Returns a page of the actor's assistants, each in its current version, with the number of all matches.</summary>
    Task<LazyPage<AssistantRecord>> OpenSearchAsync(Actor actor, AssistantQuery query, CancellationToken cancellationToken);
}
