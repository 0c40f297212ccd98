using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using Weft.Runs;
using Weft.Server;
using static Weft.Server.AccessAction;
using static Weft.Server.AccessResource;

namespace Weft.ConformanceHost;

/// <summary>
/// Authentication by bearer tokens of two users, and authorization by their scopes. Each user sees the threads and assistants that it
/// owns, and the items of namespaces with its name.
/// </summary>
internal static class BearerAuth
{
    private const string Owner = "owner";
    private const string Scopes = "scopes";

    /// <summary>The users.</summary>
    public static readonly string[] Users = ["johndoe", "alice"];

    private static readonly string[] ScopesOfUsers = ["read", "write", "assistants:write", "me"];

    private static readonly SymmetricSecurityKey Key =
        new(Encoding.UTF8.GetBytes("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"));

    public static void Add(WeftBuilder weft)
    {
        weft.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(Configure);
        weft.Services.AddAuthorization();
        weft
            .Authorize(static call => call.Actor.Permissions.Count == 0 ? AccessResult.Deny("Forbidden") : AccessResult.Allow)
            .Authorize(Assistants, Create, static call =>
            {
                call.SetMetadata(Owner, call.Actor.Id);
                return call.HasPermission("assistants:write") ? AccessResult.Allow : AccessResult.Deny("Forbidden");
            })
            .Authorize(Assistants, OfOwner)
            .Authorize(Threads, Create, static call =>
                call.HasPermission("me") || call.HasPermission("threads:write") || call.HasPermission("threads:*")
                    ? OfOwner(call)
                    : AccessResult.Deny("Forbidden"))
            .Authorize(Threads, OfOwner)
            .Authorize(Store, static call => call.Namespace.Count == 0 || call.Namespace.Contains(call.Actor.Id)
                ? MetadataFilter.Contains("namespace", call.Actor.Id)
                : AccessResult.Deny("Forbidden"));
    }

    /// <summary>What a user creates or changes gets its name, and it sees what has its name.</summary>
    private static AccessResult OfOwner(AccessContext call) => MetadataFilter.Equal(Owner, call.Actor.Id);

    private static void Configure(JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.TokenValidationParameters = new TokenValidationParameters
        {
            IssuerSigningKey = Key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            ValidateIssuer = false,
            ValidateAudience = false,
            RequireExpirationTime = false,
            NameClaimType = "sub",
        };
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = static context =>
            {
                if (context.Principal!.FindFirstValue("sub") is { } user && Users.Contains(user))
                {
                    var scopes = context.Principal!.FindAll(Scopes).Select(static scope => scope.Value).Intersect(ScopesOfUsers);
                    context.Principal!.AddIdentity(new ClaimsIdentity(
                        scopes.Select(static scope => new Claim(WeftApiKeyDefaults.PermissionsClaim, scope))));
                }
                else
                {
                    context.Fail("The user is unknown.");
                }

                return Task.CompletedTask;
            },
        };
    }
}
