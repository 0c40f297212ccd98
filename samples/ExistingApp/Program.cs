using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Weft.Agents;
using Weft.Samples;

var builder = WebApplication.CreateBuilder(args);

// The application as it was: a database, and a login with a cookie.
builder.Services.AddDbContext<ShopDb>(options => options.UseSqlite("Data Source=shop.db"));
builder.Services.AddSingleton<IPasswordHasher<Customer>, PasswordHasher<Customer>>();
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
builder.Services.AddAuthorization();

// What Weft adds to it, with a model of the configuration, or else a stand-in (StandIn.cs).
builder.Services.AddWeftModels(builder.Configuration);
builder.Services.TryAddSingleton<IChatClient>(new StandInModel(StandIn.Answer));

builder.Services.AddWeft()
    .AddAgent("clerk", AgentTool.CreateAll<OrderTools>(), "You are the clerk of a yarn shop. Be brief.")
    .UseSqlite(".weft/weft.db");

var app = builder.Build();
await ShopDb.FillAsync(app.Services);

app.MapPost("/login", async (Credentials credentials, ShopDb db, IPasswordHasher<Customer> hasher) =>
{
    var customer = await db.Customers.FindAsync(credentials.Name);
    if (customer is null
        || hasher.VerifyHashedPassword(customer, customer.PasswordHash, credentials.Password) == PasswordVerificationResult.Failed)
    {
        return Results.Unauthorized();
    }

    var claims = new[] { new Claim(ClaimTypes.NameIdentifier, customer.Name) };
    return Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity(claims, CookieAuthenticationDefaults.AuthenticationScheme)));
});
app.MapGet("/orders", (ClaimsPrincipal user, ShopDb db) => db.OrdersOf(user.FindFirstValue(ClaimTypes.NameIdentifier)))
    .RequireAuthorization();
app.MapWeft("/agents").RequireAuthorization();
app.Run();

/// <summary>What a customer logs in with.</summary>
internal sealed record Credentials(string Name, string Password);
