namespace FerroLB.ApiServer.Store;

/// <summary>One entry of a CustomResourceDefinition's additionalPrinterColumns.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Format">An OpenAPI format or "".</param>
/// <param name="Description">What the column tells, or "".</param>
/// <param name="Priority">0 is always shown; above 0 only with -o wide.</param>
/// <param name="JsonPath">Where the value is, as in ".spec.addresses".</param>
public sealed record PrinterColumn(string Name, string Type, string Format, string Description, int Priority, string JsonPath);
