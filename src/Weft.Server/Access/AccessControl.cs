using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Weft.Graphs;
using Weft.Runs;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.Server;

/// <summary>
/// Asks the authorization handlers. The most specific one decides: that of the resource and the action, then of the resource, then of
/// the action, then the general one. Of two that are equally specific, the last one.
/// </summary>
internal sealed class AccessControl(IEnumerable<AccessRule> rules)
{
    private readonly Dictionary<(AccessResource? Resource, AccessAction? Action), AccessRule> _rules = rules
        .GroupBy(static rule => (rule.Resource, rule.Action))
        .ToDictionary(static same => same.Key, static same => same.Last());

    public bool HasRules => _rules.Count > 0;

    /// <summary>Returns the actor of a call with the scope that the handlers allow.</summary>
    /// <param name="http">The request.</param>
    /// <param name="actor">The actor that the request acts for.</param>
    /// <param name="resource">The resource of the call.</param>
    /// <param name="action">What the call does with it.</param>
    /// <param name="value">The body of the request, or the parameters of a command; undefined if there is none.</param>
    /// <exception cref="WeftException">A handler refuses the call.</exception>
    public async ValueTask<Actor> ScopeAsync(
        HttpContext http, Actor actor, AccessResource resource, AccessAction action, JsonElement value)
    {
        var call = new Call(http, actor, value);
        var (filter, stamp, place) = await AskAsync(call, resource, action)
            ?? throw new WeftException(ProblemKind.Forbidden, call.Reason!);
        var scope = With(new ActorScope { Stamp = stamp, Namespace = place }, resource, filter);
        foreach (var (other, toOther) in AlsoTouched(resource, action))
        {
            // What a handler refuses here is only hidden from the call.
            var (seen, added, _) = await AskAsync(call, other, toOther) ?? (MetadataFilter.None, MetadataStamp.None, null);
            scope = With(scope, other, seen) with
            {
                SeesGraphs = scope.SeesGraphs || other == Assistants,
                OfRuns = toOther == CreateRun ? new ActorScope { Threads = seen, Stamp = added } : scope.OfRuns,
            };
        }

        return actor with
        {
            Scope = scope.OfRuns is { } runs
                ? scope with { OfRuns = runs with { Assistants = scope.Assistants, SeesGraphs = scope.SeesGraphs } }
                : scope,
        };
    }

    /// <summary>What calls touch in addition to their resource.</summary>
    private static (AccessResource Resource, AccessAction Action)[] AlsoTouched(AccessResource resource, AccessAction action) =>
        (resource, action) switch
        {
            (Threads, CreateRun) => [(Assistants, Read)],
            (Threads or Assistants, Create) => [(resource, Read)],
            (Assistants, Delete) => [(Threads, Delete)],
            (Crons, Create or Update) => [(Assistants, Read), (Threads, CreateRun)],
            (AccessResource.Server, _) => [(Threads, Search), (Assistants, Search), (Crons, Search)],
            _ => [],
        };

    private static ActorScope With(ActorScope scope, AccessResource resource, MetadataFilter filter) => resource switch
    {
        Threads => scope with { Threads = filter },
        Assistants => scope with { Assistants = filter },
        Crons => scope with { Crons = filter },
        Store => scope with { Items = filter },
        _ => scope,
    };

    /// <summary>Returns what the handler allows; null if it refuses.</summary>
    private async ValueTask<(MetadataFilter Filter, MetadataStamp Stamp, ItemNamespace? Place)?> AskAsync(
        Call call, AccessResource resource, AccessAction action)
    {
        if (Find(resource, action) is not { } rule)
        {
            return (MetadataFilter.All, MetadataStamp.None, null);
        }

        var context = new AccessContext(call.Http, call.Actor, resource, action, call.Value);
        var given = resource == Store ? StoreNamespace.Read(call.Http, action, call.Value) : ItemNamespace.Root;
        context.Namespace = given;
        var result = await rule.Handler(context);
        if (result.Filter is not { } filter)
        {
            call.Reason = result.Reason;
            return null;
        }

        return (filter, context.StampOf(filter), context.Namespace.Equals(given) ? null : context.Namespace);
    }

    private AccessRule? Find(AccessResource resource, AccessAction action) =>
        _rules.TryGetValue((resource, action), out var rule)
        || _rules.TryGetValue((resource, null), out rule)
        || _rules.TryGetValue((null, action), out rule)
        || _rules.TryGetValue((null, null), out rule)
            ? rule
            : null;

    private sealed class Call(HttpContext http, Actor actor, JsonElement value)
    {
        public HttpContext Http => http;

        public Actor Actor => actor;

        public JsonElement Value => value;

        /// <summary>Why the last handler refused.</summary>
        public string? Reason { get; set; }
    }
}
