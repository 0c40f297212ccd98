using System.ComponentModel.DataAnnotations;

namespace Weft.Samples;

/// <summary>A customer, who can log in.</summary>
internal sealed class Customer
{
    [Key]
    public required string Name { get; init; }

    public string PasswordHash { get; set; } = "";
}
