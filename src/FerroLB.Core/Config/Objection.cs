namespace FerroLB.Core.Config;

/// <summary>What speaks against an object that is valid on its own; the parts are those of <see cref="ConfigRejection"/>.</summary>
internal sealed record Objection(string Field, string Value, string Rule, string Remedy);
