using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Weft.Samples;

/// <summary>The database of the application.</summary>
internal sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options)
{
    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<Order> Orders => Set<Order>();

    /// <summary>Creates the database with two customers, <c>ada</c> and <c>bob</c>, if it is missing.</summary>
    public static async Task FillAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ShopDb>();
        if (!await db.Database.EnsureCreatedAsync())
        {
            return;
        }

        var hasher = scope.ServiceProvider.GetRequiredService<IPasswordHasher<Customer>>();
        foreach (var (name, password, item) in new[] { ("ada", "loom", "silk"), ("bob", "spindle", "wool") })
        {
            var customer = new Customer { Name = name };
            customer.PasswordHash = hasher.HashPassword(customer, password);
            db.Add(customer);
            db.Add(new Order { Customer = name, Item = item });
        }

        await db.SaveChangesAsync();
    }

    /// <summary>The items that a customer has ordered.</summary>
    public Task<List<string>> OrdersOf(string? customer, CancellationToken cancellationToken = default) =>
        Orders.Where(order => order.Customer == customer).Select(order => order.Item).ToListAsync(cancellationToken);
}
