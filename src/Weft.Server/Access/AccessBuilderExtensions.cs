using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Runs;
using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Adds authorization handlers to a Weft server. The most specific one decides: that of the resource and the action, then of the
/// resource, then of the action, then the general one. A server without handlers allows an actor everything that it owns.
/// </summary>
public static class AccessBuilderExtensions
{
    /// <summary>Adds the handler of an action on a resource.</summary>
    public static WeftBuilder Authorize(
        this WeftBuilder builder, AccessResource resource, AccessAction action, Func<AccessContext, AccessResult> handler) =>
        Add(builder, resource, action, Wrap(handler));

    /// <inheritdoc cref="Authorize(WeftBuilder, AccessResource, AccessAction, Func{AccessContext, AccessResult})"/>
    public static WeftBuilder Authorize(
        this WeftBuilder builder, AccessResource resource, AccessAction action, Func<AccessContext, ValueTask<AccessResult>> handler) =>
        Add(builder, resource, action, handler);

    /// <summary>Adds the handler of those actions on a resource that have none of their own.</summary>
    public static WeftBuilder Authorize(
        this WeftBuilder builder, AccessResource resource, Func<AccessContext, AccessResult> handler) =>
        Add(builder, resource, null, Wrap(handler));

    /// <inheritdoc cref="Authorize(WeftBuilder, AccessResource, Func{AccessContext, AccessResult})"/>
    public static WeftBuilder Authorize(
        this WeftBuilder builder, AccessResource resource, Func<AccessContext, ValueTask<AccessResult>> handler) =>
        Add(builder, resource, null, handler);

    /// <summary>Adds the handler of an action on those resources that have none of their own.</summary>
    public static WeftBuilder Authorize(this WeftBuilder builder, AccessAction action, Func<AccessContext, AccessResult> handler) =>
        Add(builder, null, action, Wrap(handler));

    /// <inheritdoc cref="Authorize(WeftBuilder, AccessAction, Func{AccessContext, AccessResult})"/>
    public static WeftBuilder Authorize(
        this WeftBuilder builder, AccessAction action, Func<AccessContext, ValueTask<AccessResult>> handler) =>
        Add(builder, null, action, handler);

    /// <summary>Adds the handler of all calls that have no other.</summary>
    public static WeftBuilder Authorize(this WeftBuilder builder, Func<AccessContext, AccessResult> handler) =>
        Add(builder, null, null, Wrap(handler));

    /// <inheritdoc cref="Authorize(WeftBuilder, Func{AccessContext, AccessResult})"/>
    public static WeftBuilder Authorize(this WeftBuilder builder, Func<AccessContext, ValueTask<AccessResult>> handler) =>
        Add(builder, null, null, handler);

    private static Func<AccessContext, ValueTask<AccessResult>> Wrap(Func<AccessContext, AccessResult> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return context => new(handler(context));
    }

    private static WeftBuilder Add(
        WeftBuilder builder, AccessResource? resource, AccessAction? action, Func<AccessContext, ValueTask<AccessResult>> handler)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(handler);
        builder.Services.AddSingleton(new AccessRule(resource, action, handler));
        return builder;
    }
}
